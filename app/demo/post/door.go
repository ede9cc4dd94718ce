package post

import (
	"net"
	"sync"
)

// door is a listener of the loopback that knows its connections: it lets only so many in, and its owner can wait until the last one is
// gone, which the servers' own Close does not.
type door struct {
	net.Listener
	mu   sync.Mutex
	open map[*visitor]struct{}
	gone sync.WaitGroup
	shut bool
}

func openDoor() (*door, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &door{Listener: l, open: map[*visitor]struct{}{}}, nil
}

// Accept hangs up on who comes when too many are there.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		d.mu.Lock()
		if d.shut || len(d.open) >= maxConnections {
			d.mu.Unlock()
			_ = conn.Close()
			continue
		}
		v := &visitor{Conn: conn, door: d}
		d.open[v] = struct{}{}
		d.gone.Add(1)
		d.mu.Unlock()
		return v, nil
	}
}

// wait hangs up on everybody and waits until the servers have let go of them.
func (d *door) wait() {
	d.mu.Lock()
	d.shut = true
	for v := range d.open {
		_ = v.Conn.Close()
	}
	d.mu.Unlock()
	d.gone.Wait()
}

type visitor struct {
	net.Conn
	door *door
	once sync.Once
}

// Close is called by the server when it is done with a connection.
func (v *visitor) Close() error {
	err := v.Conn.Close()
	v.once.Do(func() {
		v.door.mu.Lock()
		delete(v.door.open, v)
		v.door.mu.Unlock()
		v.door.gone.Done()
	})
	return err
}
