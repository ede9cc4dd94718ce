package notify

import "slices"

// Kind is what somebody is told of. Texts are notices.kind.KIND and notices.say.KIND.
type Kind string

// The kinds.
const (
	Waiting    Kind = "waiting"    // a new ticket that nobody has taken
	Assigned   Kind = "assigned"   // a ticket was given to her
	Message    Kind = "message"    // the contact of her ticket has written
	Unanswered Kind = "unanswered" // a chat has waited too long for an answer
	Rated      Kind = "rated"      // a bad rating
	Task       Kind = "task"       // she was mentioned at an improvement task, or it is hers and has changed
	Alert      Kind = "alert"      // something is wrong with the desk
)

// Kinds are all kinds, in the order of the pages.
var Kinds = []Kind{Waiting, Assigned, Message, Unanswered, Rated, Task, Alert}

// Channel is how an agent is told. Texts are notices.channel.CHANNEL.
type Channel string

// The channels.
const (
	Bell    Channel = "bell"    // in the console; whatever else is told is told there too
	Sound   Channel = "sound"   // in the console
	Desktop Channel = "desktop" // by her browser, while the console is not in front
	Mail    Channel = "mail"
)

// Channels are all channels, in the order of the pages.
var Channels = []Channel{Bell, Sound, Desktop, Mail}

// forTargets are the kinds that groups may be told of.
var forTargets = []Kind{Waiting, Unanswered, Rated, Alert}

// TargetKinds are the kinds that a group robot or a webhook may be told of, in the order of the pages.
func TargetKinds() []Kind { return slices.Clone(forTargets) }

// badScore of a rating and less is told.
const badScore = 2
