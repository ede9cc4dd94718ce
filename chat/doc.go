// Package chat carries conversations over sockets: the shopper's side and the agent's side of live chat, with a
// long-poll way for networks that break sockets.
//
// It owns the table chat_sessions and nothing else of the database; every message goes through tickets.Service, and an
// ack is sent only after its commit. What a screen shows is a copy of the database: hints ("ticket 17 has seq 42") make
// the copy quick, reading makes it right.
//
//	shopper ─ socket ─▶ reader ─▶ lane ─▶ tickets.Receive ─ commit ─▶ ack
//	                                                       └▶ Desk.Changed ─▶ hub ─▶ writers of all who follow
//	                                                                           └▶ bus ─▶ hubs of other nodes (ids only; they read)
//
// # Who runs what
//
// The hub's goroutine (Desk.Run) owns all maps: who follows which contact and ticket, who watches the lists, who types,
// who is there. Others hand it functions (hub.do, hub.call); it never blocks and never reads the database.
//
// A connection has one goroutine for its life, the reader. It parses frames, answers pings, counts limits. Two more
// exist only while they have work: the writer (writer.go) empties the queue of frames, the lane (lane.go) runs what
// needs the database, one job after the other, so that one client's frames keep their order (an agent has a lane for each
// ticket that she writes in). An idle socket therefore costs one small stack and a read buffer.
//
// A follow (follow.go) is one connection's place in a conversation. It is either live (owned by the hub: the next
// number is sent on, an older one dropped) or filling (owned by a filler goroutine of its own, which reads the database
// beyond the place, page by page, as fast as the client takes it; news is stashed meanwhile). It begins by filling, so
// resume, a gap, a lost bus and a full queue are all the same case.
//
// The keeper (keeper.go) owns the clocks: pings spread over half a minute, beacons to other nodes, the sweep that
// compares what we sent with what is stored, the re-check of agents' sign-ins. The lister (lists.go) gathers changes of
// tickets into list frames, at most four a second.
//
// # Who may see what
//
// A shopper is her session's contact, and sees that contact's tickets of the session's inbox; everything else is
// not_found. Agents pass through mayRead and mayWrite (permission.go).
package chat
