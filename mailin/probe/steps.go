package probe

// Name is a step.
type Name string

// The steps, in their order.
const (
	Lookup    Name = "name"
	Connect   Name = "connect"
	TLS       Name = "tls"
	SignIn    Name = "sign_in"
	Folder    Name = "folder"
	Processed Name = "processed"
	SMTP      Name = "smtp"
	Arrives   Name = "arrives"
	Plus      Name = "plus"
)

// Names gives the steps in their order.
func Names() []Name {
	return []Name{Lookup, Connect, TLS, SignIn, Folder, Processed, SMTP, Arrives, Plus}
}

// State is how far a step is.
type State string

// The states.
const (
	Running State = "running"
	OK      State = "ok"
	Failed  State = "failed"
	Skipped State = "skipped" // one before it failed, or there is nothing to try
	Unknown State = "unknown" // it did not fail, and nothing can be said
)

// Step is what is to be told of a step.
type Step struct {
	Name   Name
	State  State
	Reason string // why it failed; texts are mailbox.why.REASON, of SMTP the sender's own
	Host   string
	Folder string
	// Folders are those that there are, where the one asked for is not.
	Folders []string
	Said    string // the server's own words, fit to be shown
}

// Failure is why a mail could not be sent: the sender's own word, and what the server said.
type Failure struct {
	Reason string
	Said   string
	// Recipient says that only this recipient was refused.
	Recipient bool
}
