// Package standing watches what a desk stands on: room on the disk of its data folder, and that it can be written to.
//
// Watch looks at most every two seconds and keeps what it saw, so that MayWrite is cheap enough to stand before every
// message. Nearly no room, or a disk that has become read-only, makes MayWrite refuse what comes in from outside, and
// nothing else: people may still read, sign in and answer with what is there. It takes in again by itself.
//
// State (state.go) is what the health page shows. The package imports tickets/fault for its refusal and starts no
// goroutine; the clock of app calls Look.
package standing
