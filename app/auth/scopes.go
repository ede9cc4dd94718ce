package auth

import (
	"slices"
	"strings"

	"huiyin/tickets/fault"
)

// Scope is one thing that an API token may do, within what its agent may.
type Scope string

// The scopes. A token without any may do all that its agent may.
const (
	ScopeTicketsRead    Scope = "tickets:read"
	ScopeTicketsWrite   Scope = "tickets:write"
	ScopeContactsRead   Scope = "contacts:read"
	ScopeContactsWrite  Scope = "contacts:write"
	ScopeOrdersRead     Scope = "orders:read"
	ScopeOrdersWrite    Scope = "orders:write"
	ScopeAttemptsWrite  Scope = "attempts:write"
	ScopeFormsRead      Scope = "forms:read"
	ScopeFormsWrite     Scope = "forms:write"
	ScopeResponsesRead  Scope = "responses:read"
	ScopeResponsesWrite Scope = "responses:write"
	ScopeInboxesRead    Scope = "inboxes:read"
	ScopeTasksRead      Scope = "tasks:read"
	ScopeTasksWrite     Scope = "tasks:write"
	ScopeTrialsRead     Scope = "trials:read" // it puts shoppers into trials
	ScopeInsightsRead   Scope = "insights:read"
	ScopeInsightsWrite  Scope = "insights:write"
)

// Scopes lists them all.
func Scopes() []Scope {
	return []Scope{
		ScopeTicketsRead, ScopeTicketsWrite, ScopeContactsRead, ScopeContactsWrite, ScopeOrdersRead, ScopeOrdersWrite,
		ScopeAttemptsWrite, ScopeFormsRead, ScopeFormsWrite, ScopeResponsesRead, ScopeResponsesWrite, ScopeInboxesRead,
		ScopeTasksRead, ScopeTasksWrite, ScopeTrialsRead,
		ScopeInsightsRead, ScopeInsightsWrite,
	}
}

// scopeText is a list of scopes as the database keeps it. Errors: Invalid (field scopes).
func scopeText(list []Scope) (string, error) {
	known, words := Scopes(), []string{}
	for _, one := range list {
		if !slices.Contains(known, one) {
			return "", fault.InvalidField("scopes", "invalid", "auth.error.scope", map[string]any{"scope": string(one)})
		}
		if !slices.Contains(words, string(one)) {
			words = append(words, string(one))
		}
	}
	return strings.Join(words, " "), nil
}

func scopesOf(text string) (list []Scope) {
	for _, word := range strings.Fields(text) {
		list = append(list, Scope(word))
	}
	return list
}
