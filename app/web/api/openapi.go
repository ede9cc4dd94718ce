package api

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/url"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi
var parts embed.FS

// Document puts the OpenAPI document of the desk at an address together: openapi/base.yaml, and of each other file the paths
// and components.
func Document(base *url.URL) ([]byte, error) {
	whole, err := part("openapi/base.yaml")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(parts, "openapi/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if name == "openapi/base.yaml" {
			continue
		}
		one, err := part(name)
		if err != nil {
			return nil, err
		}
		merge(whole, one)
	}
	spread(whole)
	whole["servers"] = []any{map[string]any{"url": base.JoinPath("api", "v1").String(), "description": "This desk"}}
	return json.Marshal(whole)
}

// spread says which answers the default of an operation is: what the caller did wrong, and that nothing can be written now.
// A failure of the desk's own is outside the document.
func spread(whole map[string]any) {
	paths, _ := whole["paths"].(map[string]any)
	for _, path := range paths {
		operations, _ := path.(map[string]any)
		for _, one := range operations {
			operation, _ := one.(map[string]any) // the parameters are none
			responses, _ := operation["responses"].(map[string]any)
			if problem, ok := responses["default"]; ok {
				responses["4XX"], responses["503"] = problem, problem
				delete(responses, "default")
			}
		}
	}
}

func part(name string) (map[string]any, error) {
	text, err := parts.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	if err := yaml.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// merge adds what one part has to the whole, folder by folder.
func merge(whole, one map[string]any) {
	for key, value := range one {
		if list, ok := value.([]any); ok { // tags
			earlier, _ := whole[key].([]any)
			whole[key] = append(earlier, list...)
			continue
		}
		into, ok := whole[key].(map[string]any)
		more, both := value.(map[string]any)
		if ok && both {
			if key == "paths" {
				maps.Copy(into, more)
			} else {
				merge(into, more)
			}
			continue
		}
		whole[key] = value
	}
}
