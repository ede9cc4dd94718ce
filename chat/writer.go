package chat

import (
	"net"
	"strconv"
	"time"
)

// send queues a frame. It never blocks; a client that does not keep up is cut.
func (c *conn) send(f *frame) {
	c.mu.Lock()
	if c.closing || c.dead {
		c.mu.Unlock()
		return
	}
	if len(c.out)+c.pending >= queueMax {
		c.mu.Unlock()
		c.close(closeTooSlow, "too slow")
		return
	}
	c.queue(f)
	c.mu.Unlock()
}

// push queues a control frame; it is dropped when others wait, for a client that gets frames needs no ping.
func (c *conn) push(f *frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing && !c.dead && len(c.out)+c.pending < queueLow {
		c.queue(f)
	}
}

// queue is called with mu held.
func (c *conn) queue(f *frame) {
	c.out = append(c.out, f)
	if !c.writing {
		c.writing = true
		c.desk.spawn(c.write)
	}
}

// close ends the connection for a reason that is counted: the close frame goes out behind what waits (in its place when
// the client is too slow to take that), and the client has a moment to answer. It never blocks, and may be called from
// any goroutine, often.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing || c.dead {
		return
	}
	c.desk.metrics.cuts.WithLabelValues(strconv.Itoa(code)).Inc()
	c.shut(code, reason, code == closeTooSlow)
}

// bye ends the connection in peace.
func (c *conn) bye(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing && !c.dead {
		c.shut(code, reason, false)
	}
}

// shut is called with mu held.
func (c *conn) shut(code int, reason string, drop bool) {
	if drop {
		c.out = nil
	}
	c.queue(closeFrame(code, reason))
	c.closing = true
	c.room.Broadcast()
}

// write empties the queue; several frames leave in one system call.
func (c *conn) write() {
	raw := c.ws.NetConn()
	for {
		c.mu.Lock()
		batch := c.batch()
		if len(batch) == 0 || c.dead {
			c.writing, c.pending = false, 0
			if c.closing {
				_ = raw.SetReadDeadline(time.Now().Add(lingerWait))
			}
			c.room.Broadcast()
			c.mu.Unlock()
			return
		}
		c.room.Broadcast()
		c.mu.Unlock()
		_ = raw.SetWriteDeadline(time.Now().Add(writeWait))
		if err := writeAll(raw, batch); err != nil {
			c.broken()
			return
		}
		c.outs.Add(float64(len(batch)))
	}
}

// batch takes the next frames of the queue, no more at once than a slow line carries in writeWait. With mu held.
func (c *conn) batch() []*frame {
	n, size := 0, 0
	for n < len(c.out) && size < batchMax {
		size += len(c.out[n].wire)
		n++
	}
	batch := c.out[:n:n]
	if c.out = c.out[n:]; len(c.out) == 0 {
		c.out = nil
	}
	c.pending = n
	return batch
}

func writeAll(raw net.Conn, batch []*frame) error {
	if len(batch) == 1 {
		_, err := raw.Write(batch[0].wire)
		return err
	}
	wires := make(net.Buffers, len(batch))
	for i, f := range batch {
		wires[i] = f.wire
	}
	_, err := wires.WriteTo(raw)
	return err
}

// broken ends a connection that cannot be written to; the reader notices and cleans up.
func (c *conn) broken() {
	c.mu.Lock()
	if !c.closing {
		c.desk.metrics.cuts.WithLabelValues("broken").Inc()
	}
	c.dead, c.writing, c.pending, c.out = true, false, 0, nil
	c.room.Broadcast()
	c.mu.Unlock()
	_ = c.ws.NetConn().Close()
}

// waitRoom blocks a filler until the client has taken most of what it was given; false when the connection is over.
func (c *conn) waitRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.out)+c.pending >= queueLow && !c.closing && !c.dead {
		c.room.Wait()
	}
	return !c.closing && !c.dead
}

// quiet tells whether nothing is queued or under way.
func (c *conn) quiet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.writing && c.busy.Load() == 0
}
