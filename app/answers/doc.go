// Package answers keeps a shopper from waiting without a word. It reads the log: who writes while nobody is there is told
// once a silence when to expect an answer, with her number and the address of her ticket's page (offline.go). And it
// looks every few seconds, by an index, for answers that their shoppers have not taken: each leaves one event
// reply.undelivered a silence, for whoever sends it on by mail or text message (undelivered.go).
//
// It owns no table and no goroutine; app drives both. Every node looks; tickets lets only one of them write.
package answers
