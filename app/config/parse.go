package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Prefix begins the name of every variable.
const Prefix = "HUIYIN_"

// ErrHelp is returned by Parse for -h and --help.
var ErrHelp = flag.ErrHelp

// Error is a setting that cannot hold. Its text is one line that names the setting and says how to mend it.
type Error struct {
	Setting string // the flag without dashes; empty: the command line as a whole
	Problem string // "is not a number; give 1, 0.5 or 10"
}

// Error names the flag and its variable.
func (e *Error) Error() string {
	if e.Setting == "" {
		return e.Problem
	}
	return fmt.Sprintf("--%s (%s) %s", e.Setting, variable(e.Setting), e.Problem)
}

// Checker is a struct of settings that has rules of its own; Parse asks it last.
type Checker interface{ Check() error }

// Completer is a struct with settings that follow from others; Parse asks it before it checks.
type Completer interface{ Complete() }

// Parse fills the struct that into points to and returns the arguments that are no flags. The order is flag,
// environment, default; an empty value means the default. Errors: ErrHelp, or an *Error.
func Parse(into any, args []string, getenv func(string) string) (rest []string, err error) {
	given := map[string]string{}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, f := range fields(into) {
		key := variable(f.name)
		if v := getenv(key); v != "" {
			given[key] = v
		}
		take := func(v string) error {
			given[key] = v
			return nil
		}
		if f.value.Kind() == reflect.Bool { // --force alone means yes
			flags.BoolFunc(f.name, f.usage, take)
		} else {
			flags.Func(f.name, f.usage, take)
		}
	}
	if err := flags.Parse(args); err != nil {
		return nil, flagError(err)
	}
	if err := env.ParseWithOptions(into, env.Options{Environment: given, Prefix: Prefix}); err != nil {
		return nil, valueError(into, err)
	}
	if c, ok := into.(Completer); ok {
		c.Complete()
	}
	if c, ok := into.(Checker); ok {
		if err := c.Check(); err != nil {
			return nil, err
		}
	}
	return flags.Args(), nil
}

// flagError turns the flag package's words into ours.
func flagError(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return ErrHelp
	}
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return &Error{Problem: "there is no flag --" + name}
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return &Error{Setting: name, Problem: "needs a value"}
	}
	return &Error{Problem: text}
}

// valueError names the setting whose value could not be read. The value itself is not repeated: it may be a secret.
func valueError(into any, err error) error {
	var aggregate env.AggregateError
	if !errors.As(err, &aggregate) {
		return err
	}
	for _, one := range aggregate.Errors {
		var parse env.ParseError
		if !errors.As(one, &parse) {
			continue
		}
		for _, f := range fields(into) {
			if f.goName == parse.Name {
				return &Error{Setting: f.name, Problem: "cannot be read; " + f.expects()}
			}
		}
	}
	return err
}

// field is one setting of a struct.
type field struct {
	name   string // of the flag
	goName string
	def    string
	arg    string
	usage  string
	value  reflect.Value
}

// expects says in words what the value looks like.
func (f field) expects() string {
	switch f.value.Interface().(type) {
	case float64, int:
		return "give a number, such as " + f.def
	case Names:
		return "give host names with commas between, such as desk.example.com,help.example.com"
	case Inner:
		return "give networks, addresses or host names with commas between, such as 10.0.0.0/8,hooks.lan"
	case Networks:
		return "give addresses or networks with commas between, such as 10.0.0.0/8,192.0.2.7"
	case slog.Level:
		return "give debug, info, warn or error"
	}
	return "give " + f.arg
}

// fields lists the settings of the struct that into points to, embedded structs after its own.
func fields(into any) []field {
	v := reflect.Indirect(reflect.ValueOf(into))
	var own, embedded []field
	for i := range v.NumField() {
		t := v.Type().Field(i)
		if t.Anonymous {
			embedded = append(embedded, fields(v.Field(i).Addr().Interface())...)
			continue
		}
		name, ok := t.Tag.Lookup("env")
		if !ok {
			continue
		}
		own = append(own, field{
			name: strings.ReplaceAll(strings.ToLower(name), "_", "-"), goName: t.Name,
			def: t.Tag.Get("envDefault"), arg: t.Tag.Get("arg"), usage: t.Tag.Get("usage"), value: v.Field(i),
		})
	}
	return append(own, embedded...)
}

// variable is the environment variable of a flag.
func variable(flag string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
