// Package apptest is what tests of the whole desk share: a desk in a process of its own that can be killed
// (process.go), a bad network (proxy.go), clients of both sockets that behave as the contract asks (shopper.go,
// agent.go), and a real browser (browser.go, page.go). Its own tests are those of the whole program.
//
// A cheap browser test:
//
//   - takes NewBrowser, a private part of a Chromium that runs already. StartBrowser costs seconds: it is for a profile
//     that outlives a restart, or for options of Chromium.
//   - has one desk, comes in by OpenAs and not by the form, and sees several languages and sizes on that desk: a look is a tab,
//     not a test.
//   - asserts much in one walk, and calls Axe once for each state of a page, not after every step.
//   - waits for a condition (Wait, WaitText, WaitFor) and never for a time.
//   - leaves what needs no browser (a redirect, a refused form, words) to the tests of app/web.
package apptest
