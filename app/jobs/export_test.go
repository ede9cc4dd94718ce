package jobs

import "time"

// DozeAfter makes a client on SQLite doze sooner.
func (c *Client) DozeAfter(d time.Duration) { c.engine.(*dozer).after = d }

// Awake tells whether River runs.
func (c *Client) Awake() bool { return c.engine.(*dozer).awake.Load() }
