package privacy

// Holder says of a table that names a contact, or has sealed or hashed columns, whose they are. Either Erased and Exported say what becomes of a
// person's part of it, or Nobody says why no person is in it.
type Holder struct {
	Erased   string
	Exported string
	Nobody   string
}

// Holders is the register of all such tables. A new one has its line here, or a test fails.
func Holders() map[string]Holder {
	const staff = "of the people who work at the desk, not of those who write to it"
	return map[string]Holder{
		"contacts":            {Erased: "name emptied, key forgotten", Exported: "name, language, times"},
		"contact_identities":  {Erased: "rows deleted with their hashes", Exported: "all values"},
		"contact_tokens":      {Erased: "rows deleted", Exported: "no: hashes of her name, which is exported"},
		"contact_consents":    {Erased: "rows deleted", Exported: "all, withdrawn ones too"},
		"data_keys":           {Erased: "hers deleted: nothing sealed with them opens again", Exported: "no: keys, not data"},
		"tickets":             {Erased: "texts, order number and its hashes emptied, key forgotten", Exported: "number, times, subject, order, page"},
		"messages":            {Erased: "body, outer id and its hash emptied", Exported: "what she sent and what was sent to her; no internal notes"},
		"ticket_participants": {Erased: "rows deleted", Exported: "no: ids; what she wrote there is"},
		"attachments":         {Erased: "name emptied, content deleted, row swept", Exported: "all that were sent"},
		"drafts":              {Erased: "rows deleted", Exported: "no: nothing of it was ever said"},
		"ticket_links":        {Erased: "rows deleted", Exported: "no: hashes of addresses that only she has"},
		"ratings":             {Erased: "comment emptied, score stays", Exported: "all"},
		"text_wishes":         {Erased: "rows deleted", Exported: "number and time"},
		"sms_sends":           {Erased: "hash of the number emptied", Exported: "no: hash of a number that is exported"},
		"chat_sessions":       {Erased: "ended, what the shop's pages said emptied", Exported: "no: her browsers' keys, as hashes; what the pages said stands in the tickets"},
		"mail_incoming":       {Erased: "mail itself deleted, key forgotten, its contact emptied; the row stays, so that the mail is not taken again. One that waits unread is nobody's", Exported: "no: the messages made of it are"},
		"mail_pieces":         {Erased: "rows deleted", Exported: "no: parts of a mail whose message is exported"},
		"mail_messages":       {Erased: "rows of her tickets and of what she wrote in others' deleted", Exported: "head, whole text and HTML of what she sent and was sent"},
		"mail_ids":            {Erased: "rows of her tickets and of what she wrote in others' deleted", Exported: "no: hashes of Message-IDs"},
		"mail_seen":           {Nobody: "hashes of mails, which name nobody and open nothing: what was seen is not taken again"},
		"mail_letters":        {Erased: "rows of her tickets deleted", Exported: "no: the messages that were sent are"},
		"mail_recipients":     {Erased: "rows of her tickets deleted", Exported: "no: to whom her messages went; her own addresses are exported"},
		"mail_addresses":      {Erased: "rows of the addresses that her tickets wrote to deleted", Exported: "no: hashes of addresses that are exported"},
		"idempotency_keys":    {Erased: "rows of answers that tell of her deleted", Exported: "no: answers to the shop's own programs, kept for a day; what they tell of is exported"},
		"form_responses":      {Erased: "answers, order number and its hash, page and outer id emptied, scores stay", Exported: "all that she answered"},
		"form_revisions":      {Erased: "answers emptied, scores stay", Exported: "all that she answered before she changed it"},
		"form_asks":           {Erased: "order number and its hash emptied", Exported: "no: that she was asked; what she answered is"},
		"form_refusals":       {Erased: "rows deleted", Exported: "that she wants to be asked no more, and since when"},
		"short_links":         {Erased: "rows of her orders deleted; others name nobody and are deleted when they expire", Exported: "no: addresses that the shop has given her"},
		"forms":               {Nobody: "texts for everybody"},
		"form_versions":       {Nobody: "texts for everybody"},
		"orders":              {Erased: "number with its hashes and all that was sealed emptied, key and contact forgotten; state, amounts, times and goods stay, they are counted. Those of nobody go so by a rule of their own", Exported: "all, with lines and refunds"},
		"products":            {Nobody: "what the shop's goods are called"},
		"order_sources":       {Nobody: "the shop's own programs"},
		"order_imports":       {Nobody: "names of the shop's own files; the files go when they are read"},
		"mail_accounts":       {Nobody: "the shop's own mailboxes"},

		"insight_voices":       {Erased: "text, order's hash, message and contact emptied; the complaint stays counted", Exported: "no: pieces of messages and answers that are exported"},
		"insight_groups":       {Nobody: "phrases that several people use, and titles by staff"},
		"insight_actions":      {Nobody: staff},
		"insight_marks":        {Nobody: "days of the shop"},
		"insight_imports":      {Nobody: "names of the shop's own files; the files go when they are read"},
		"insight_import_lines": {Nobody: "hashes of lines, which name nobody and open nothing: a line that was taken is not taken again"},

		"improve_tasks":     {Nobody: "what the shop does about complaints"},
		"improve_entries":   {Nobody: staff},
		"improve_files":     {Nobody: "the shop's own"},
		"improve_exposures": {Erased: "rows deleted", Exported: "no: in which arm of the shop's trials she was, under a hash"},
		"tellings":          {Nobody: "texts by staff for everybody who complained"},
		"telling_people":    {Erased: "contact, ticket and hash of her link emptied; that somebody was told, and the answer, stay counted", Exported: "that she was told, when, and what she answered"},
		"improved_stories":  {Nobody: "texts by staff for everybody"},

		"order_attempts": {Erased: "contact, session, order number with its hash, detail and page emptied; that somebody tried to order stays counted", Exported: "all, in data.json"},

		"erasures":         {Nobody: "ids, times and words of the program: the proof that somebody was erased"},
		"access_log":       {Nobody: "ids, times and words of the program: the proof of who saw what"},
		"agents":           {Nobody: staff},
		"agent_links":      {Nobody: staff},
		"teams":            {Nobody: staff},
		"web_sessions":     {Nobody: staff},
		"api_tokens":       {Nobody: staff},
		"sign_in_failures": {Nobody: staff},
		"macro_groups":     {Nobody: "texts for everybody"},
		"macros":           {Nobody: "texts for everybody"},
		"macro_files":      {Nobody: "the shop's own; what goes to a person is a copy"},
		"tags":             {Nobody: "words that the desk sorts by"},
		"inboxes":          {Nobody: "the shop's own"},
		"settings":         {Nobody: "the shop's own"},
		"alerts":           {Nobody: "the state of the machine: names of hosts and files"},
		"notice_targets":   {Nobody: "the shop's own"},
		"webhooks":         {Nobody: "addresses of the shop's own programs"},
		"acme_cache":       {Nobody: "the server's certificates"},
		"master_keys":      {Nobody: "fingerprints of keys"},
	}
}
