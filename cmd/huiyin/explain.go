package main

import (
	"errors"
	"strings"

	"huiyin/app/config"
	"huiyin/app/i18n"
	"huiyin/tickets/fault"
)

// usageError is a command line that cannot be carried out.
type usageError string

func (e usageError) Error() string { return string(e) }

// needed refuses a command line that lacks settings: pairs of a flag and its value.
func needed(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if strings.TrimSpace(pairs[i+1]) == "" {
			return &config.Error{Setting: pairs[i], Problem: "is needed"}
		}
	}
	return nil
}

// explain turns an error into one line and an exit code. What the domain refuses comes in the person's language.
func explain(t *terminal, err error) (text string, code int) {
	var usage usageError
	var setting *config.Error
	switch {
	case errors.As(err, &usage), errors.As(err, &setting):
		return oneLine(err.Error()), exitUsage
	case fault.As(err) != nil:
		code = exitFailed
		if fault.Is(err, fault.Invalid) {
			code = exitUsage
		}
		return oneLine(refusal(t, fault.As(err))), code
	}
	return oneLine(err.Error()), exitFailed
}

// refusal says what the domain refused, and why where that is known.
func refusal(t *terminal, e *fault.Error) string {
	texts, err := i18n.Load()
	if err != nil {
		return e.Error()
	}
	locale := t.locale()
	said := []string{texts.Text(locale, e.Key, e.Args)}
	for _, f := range e.Fields {
		text := texts.Text(locale, f.Key, f.Args)
		if text == said[0] { // the one thing that is wrong
			said = said[1:]
		}
		said = append(said, f.Name+": "+text)
	}
	if e.Err != nil {
		said = append(said, e.Err.Error())
	}
	return strings.Join(said, "; ")
}

func oneLine(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ") }
