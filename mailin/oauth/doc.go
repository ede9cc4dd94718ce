// Package oauth comes to mailboxes whose providers take no password (OAuth 2.0, RFC 6749, with PKCE, RFC 7636).
//
//	Config.Consent ─▶ the administrator agrees at the provider ─▶ Config.Exchange ─▶ Tokens, kept sealed by the caller
//	Source.Token ─▶ the access token, refreshed before it ends: for XOAUTH2 and OAUTHBEARER
//
// A Source refreshes once for all who ask at the same time, and begins with what is kept: another node may have refreshed
// since, and with providers that give another refresh token each time the older one is worth nothing. What it got it hands
// to Keep before anybody uses it.
//
// A refusal is a *RefusedError, in which an imapbox.Error with the reason "password" stands: whoever signs in with the token treats it
// as a refused password, so that the administrators are told. No text of an error holds a token or what the server wrote.
package oauth
