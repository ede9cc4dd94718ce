// Package web is the desk's face for browsers: pages, actions, assets, health. It alone knows echo and templates.
//
// Every route stands in one table (routes.go) with its permission and its limits; a route that is not in the table
// does not exist, and a test tries each of them as somebody without the right. A handler parses, calls one method of a
// service, and renders or redirects. It returns an error as it is: errors.go chooses status, words and form (page or
// problem+json) in one place.
//
//	request → id, nonce, words → access log → recover → headers → origin check → gzip
//	        → rate limit → body limit → session → permission → handler
//
// The console works without scripts: lists and threads are rendered here, every action is a form that posts to a
// resource (POST /tickets/10482/closure). Scripts send the same forms with Accept: application/json and get JSON, and
// hear of changes through chat's agent socket, which is mounted here as a plain handler.
//
// The package starts no goroutine and keeps nothing that another node would miss.
package web
