// Package files takes pictures and files from people, checks what they really are, seals them into the file store
// (app/blob) and gives them back to whoever holds a link that the desk has signed.
//
//	upload → size → kind by content → pixels → metadata off → sealed pieces → store → tickets.AddAttachment
//	                                                                   later, as a job: small picture → screens
//
// A file belongs to a ticket's contact: it is sealed with her data key, and is gone when she is erased. What is no
// harmless picture is only ever downloaded, never shown. Links live for a day at most and name one file.
//
// Sweep deletes what was uploaded and never sent, what was recalled, and what a killed process left in the store. The
// package owns no table and starts no goroutine.
package files
