// Package robot tells a chat group something by its group robot: 企业微信, 钉钉 or 飞书 (Lark).
//
// Each vendor has its own body, its own signature and its own codes of failure. Send makes the one, signs and sends it, and turns
// the other into an *Error, whose Reason a page can put into words (text "robot.REASON") and whose Lasting tells whether trying
// again is of any use. An address must belong to its vendor, unless the operator allows the host.
//
// What shoppers wrote never belongs into a message: only a number and a link go out. All the same no text can call people by @, for
// its marks are made harmless. The package imports nothing of ours; requests leave by a func, which app/egress is meant for.
package robot
