package web

import "strings"

// formSamples are code that makes a signed link of a form, ready to be copied. It has the form's key and never its inbox's secret. A
// test runs each of them against the desk's own check.
func formSamples(key, link string) ([]signingSample, error) {
	out := []signingSample{
		{Language: "PHP", File: "huiyin_form.php"}, {Language: "Java", File: "HuiyinForm.java"}, {Language: "Node", File: "huiyin_form.mjs"},
		{Language: "Go", File: "huiyin_form.go"}, {Language: "Python", File: "huiyin_form.py"},
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
		out[i].Code = strings.NewReplacer("FORM_KEY", key, "FORM_LINK", link).Replace(string(code))
	}
	return out, nil
}
