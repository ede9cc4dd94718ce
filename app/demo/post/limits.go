package post

import "time"

// What one office holds at most. It lies in memory.
const (
	MaxMail        = 30 << 20  // bytes of a mail
	MaxMails       = 1000      // in a mailbox
	maxMailboxes   = 500       // made by whoever writes to them
	maxBytes       = 512 << 20 // of all mails
	maxRecipients  = 100       // of one mail
	maxConnections = 100       // to one server

	patience = 2 * time.Minute // for the other side of an SMTP connection
)
