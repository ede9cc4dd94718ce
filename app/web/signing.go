package web

import (
	"embed"
	"strings"
)

//go:embed signing
var signingFiles embed.FS

// signingSample is code that signs a shop's customers, ready to be copied. It has the inbox's key and never its secret.
type signingSample struct{ Language, File, Code string }

// signingSamples are the samples for an inbox. A test runs each of them against the desk's own checks.
func signingSamples(key string) ([]signingSample, error) {
	out := []signingSample{
		{Language: "PHP", File: "huiyin_sign.php"}, {Language: "Java", File: "HuiyinSign.java"}, {Language: "Node", File: "huiyin_sign.mjs"},
		{Language: "Go", File: "huiyin_sign.go"}, {Language: "Python", File: "huiyin_sign.py"},
	}
	for i, one := range out {
		name := one.File
		if one.Language == "Go" {
			name += ".txt" // it is no package of ours
		}
		code, err := signingFiles.ReadFile("signing/" + name)
		if err != nil {
			return nil, err
		}
		out[i].Code = strings.ReplaceAll(string(code), "INBOX_KEY", key)
	}
	return out, nil
}
