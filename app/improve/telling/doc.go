// Package telling tells those who complained what was improved, and everybody else on a page: "you said, we did".
//
//	task ─▶ Preview: who, by which way, who is left out and why
//	     ─▶ Start ─▶ job: gather whom ─▶ one after the other ─▶ tickets.Post in her ticket ─▶ chat, or mail in the same thread
//	                                                              │
//	                              link in it ─▶ Answer: fixed for me, still the same ─▶ improve's effect; her ticket
//
// # Whom
//
// A person is told who complained of a group of the task before the change, whom the desk knows, who is neither blocked nor
// erased and has said herself that she wants to be told (tickets.PurposeTold), in a ticket by which she can be reached: a chat,
// or one by whose mail she is written to alone. Each once a task: the row that says so and the message are one transaction
// (run.go), so that a process may be killed at any time. All is looked at again when her turn comes.
//
// Mails keep to a quarter of what their mailboxes may send in an hour, so that answers of agents go first.
//
// # Answer
//
// The link in the message is random and only its hash is kept. Looking at it changes nothing: mail programs do that by
// themselves. "Still the same" is also said in her ticket, in her words' place, so that somebody answers.
//
// # Page
//
// What a story says is written by a manager in each language (story.go); nothing of it comes from a shopper by itself.
//
// The package owns the tables tellings, telling_people and improved_stories and no goroutine.
package telling
