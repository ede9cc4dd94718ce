// Package auth knows who is there: agents' passwords, browser sessions, API tokens, and the one-time code that guards
// the first run.
//
// It owns the tables web_sessions, api_tokens and sign_in_failures. The agents themselves belong to tickets. app/web
// asks it at every request, chat asks it once for every agent's socket (AgentOf), the commands add agents and tokens.
//
//	password   argon2id, at most two at once, so that a flood of guesses cannot take the machine's memory
//	throttle   failures counted in the database by e-mail and by address, before the password is looked at
//	session    the cookie holds a random token, the database its SHA-256; the rest is sealed with the desk's key
//	token      hy_…, shown once; its SHA-256 is kept
//	setup      a code that is printed at start while the desk has no agent
//
// It says the same thing, after the same work, whether an e-mail is unknown, an agent is disabled or a password is
// wrong. It never logs an e-mail, an address, a token or a password. It starts no goroutine; Sweep is called by the
// desk's schedule.
package auth
