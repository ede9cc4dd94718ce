package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

const (
	// wrongMost bounds how many wrong fields of a body are named.
	wrongMost = 50
	// againMost bounds how many bytes are read again to find more than the first of them.
	againMost = 4 << 20
)

// Read reads the body, a JSON object, into v. Errors: Invalid, naming all fields that are unknown or of the wrong type;
// TooLarge; 415.
func (c *Call) Read(v any) error {
	if err := c.take(); err != nil {
		return err
	}
	return read(c.body, v)
}

// ReadBatch is Read, where a list may come instead of the object that holds it as items.
func (c *Call) ReadBatch(v any) error {
	if err := c.take(); err != nil {
		return err
	}
	body := c.body
	if jsontext.Value(body).Kind() == '[' {
		body = slices.Concat([]byte(`{"items":`), body, []byte(`}`))
	}
	return read(body, v)
}

// take takes the body of a call.
func (c *Call) take() (err error) {
	if kind, _, err := mime.ParseMediaType(c.Request().Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return echo.NewHTTPError(http.StatusUnsupportedMediaType)
	}
	c.body, err = io.ReadAll(c.Request().Body)
	return err
}

func read(body []byte, v any) error {
	err := unmarshal(body, v)
	if err == nil {
		return nil
	}
	return allWrong(body, err, v)
}

// unmarshal reads a part of a body by the same rules as Read.
func unmarshal(b []byte, v any) error { return json.Unmarshal(b, v, json.RejectUnknownMembers(true)) }

// allWrong names all fields of a body that are unknown or of the wrong type: what is wrong first is taken out and the rest is
// read again. first is the error of the first reading. A body that is no JSON has no fields.
func allWrong(body jsontext.Value, first error, v any) error {
	var meaning *json.SemanticError
	if errors.As(first, &meaning) {
		if broken := unmarshal(body, new(jsontext.Value)); broken != nil {
			return refusal(broken)
		}
	}
	out := &fault.Error{Kind: fault.Invalid, Key: "web.error.bad_request"}
	named := map[jsontext.Pointer]bool{}
	rest, err := body, first
	for left := againMost - len(body); err != nil && len(out.Fields) < wrongMost; left -= len(rest) {
		if !errors.As(err, &meaning) {
			break
		}
		at := meaning.JSONPointer
		if named[at] { // an element of a list that cannot be empty: the list goes
			at = at.Parent()
		} else {
			out.Fields = append(out.Fields, fault.As(refusal(err)).Fields...)
		}
		if named[at] || at == "" || left < 0 {
			break
		}
		named[at] = true
		if rest, err = without(rest, slices.Collect(at.Tokens())); err != nil {
			break
		}
		err = unmarshal(rest, reflect.New(reflect.TypeOf(v).Elem()).Interface())
	}
	if len(out.Fields) < 2 {
		return refusal(first)
	}
	return out
}

// without gives a value without what lies at a path: a field is gone, an element of a list is null, so that the others keep
// their places.
func without(v jsontext.Value, path []string) (jsontext.Value, error) {
	last := len(path) == 1
	if v.Kind() == '[' {
		var list []jsontext.Value
		n, err := strconv.Atoi(path[0])
		if err = errors.Join(err, json.Unmarshal(v, &list)); err != nil || n >= len(list) {
			return nil, errors.Join(err, errors.ErrUnsupported)
		}
		if last {
			list[n] = jsontext.Value("null")
		} else if list[n], err = without(list[n], path[1:]); err != nil {
			return nil, err
		}
		return json.Marshal(list)
	}
	fields := map[string]jsontext.Value{}
	if err := json.Unmarshal(v, &fields); err != nil {
		return nil, err
	}
	inner, there := fields[path[0]]
	if !there {
		return nil, errors.ErrUnsupported
	}
	if last {
		delete(fields, path[0])
	} else {
		less, err := without(inner, path[1:])
		if err != nil {
			return nil, err
		}
		fields[path[0]] = less
	}
	return json.Marshal(fields, json.Deterministic(true))
}

// refusal names what is wrong with a body and where.
func refusal(err error) error {
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &meaning):
		return fault.InvalidField(fieldOf(meaning.JSONPointer), "unknown", "api.error.unknown", nil)
	case errors.As(err, &meaning):
		return fault.InvalidField(fieldOf(meaning.JSONPointer), "invalid", "api.error.type", nil)
	case errors.As(err, &syntax) && errors.Is(err, jsontext.ErrDuplicateName):
		return fault.InvalidField(fieldOf(syntax.JSONPointer), "duplicate", "api.error.duplicate", nil)
	case errors.As(err, &syntax):
		return fault.InvalidField("body", "syntax", "api.error.json", map[string]any{"at": syntax.ByteOffset})
	}
	return fault.InvalidField("body", "syntax", "api.error.json", map[string]any{"at": 0})
}

// fieldOf writes a JSON pointer as people write paths: contact.email, items[3].reason.
func fieldOf(at jsontext.Pointer) string {
	var b strings.Builder
	for part := range at.Tokens() {
		if n, err := strconv.Atoi(part); err == nil {
			b.WriteString("[" + strconv.Itoa(n) + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(part)
	}
	if b.Len() == 0 {
		return "body"
	}
	name := b.String()
	return name[:min(len(name), 200)]
}
