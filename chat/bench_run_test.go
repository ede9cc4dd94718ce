package chat_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkDeskDelivery measures, in one run, a bare gorilla relay and the desk with 200 conversations and 50 messages a
// second in all: from a send to its arrival at the other side. The desk stores before it acknowledges.
func BenchmarkDeskDelivery(b *testing.B) {
	const rate, long = 50, 15 * time.Second
	for range b.N {
		relay := startChild(b, "relay")
		m := &meter{}
		sides := talksOnRelay(b, relay, m)
		m.pace(sides, rate, 2*time.Second)
		m.take()
		_, all := m.pace(sides, rate, long)
		bare, _ := m.take()
		is(b, "the relay delivered all", all, true)

		desk := startChild(b, "desk")
		m = &meter{}
		sides = talksOnDesk(b, desk, m)
		m.pace(sides, rate, 2*time.Second)
		m.take()
		cpu := desk.cpu(b)
		sent, all := m.pace(sides, rate, long)
		cpu = desk.cpu(b) - cpu
		took, acked := m.take()
		is(b, "the desk delivered all", all, true)
		b.ReportMetric(ms(percentile(bare, .5)), "relay-p50-ms")
		b.ReportMetric(ms(percentile(bare, .95)), "relay-p95-ms")
		b.ReportMetric(ms(percentile(took, .5)), "p50-ms")
		b.ReportMetric(ms(percentile(took, .95)), "p95-ms")
		b.ReportMetric(ms(percentile(took, .99)), "p99-ms")
		b.ReportMetric(ms(percentile(acked, .95)), "ack-p95-ms")
		b.ReportMetric(ms(cpu)/float64(sent), "cpu-ms/msg")
	}
}

// BenchmarkDeskHighestRate raises the rate until the 95th percentile passes 200 ms or something does not arrive, twice:
// a machine that others use as well stumbles now and then.
func BenchmarkDeskHighestRate(b *testing.B) {
	for range b.N {
		desk := startChild(b, "desk")
		m := &meter{}
		sides := talksOnDesk(b, desk, m)
		best, bestP95, cpuEach := 0, 0.0, 0.0
		for rate := 1000; rate <= 20_000; rate = rate * 5 / 4 {
			p95, cpu, held := holds(b, desk, m, sides, rate)
			if !held {
				p95, cpu, held = holds(b, desk, m, sides, rate)
			}
			if !held {
				break
			}
			best, bestP95, cpuEach = rate, p95, cpu
		}
		b.ReportMetric(float64(best), "msg/s")
		b.ReportMetric(bestP95, "p95-ms")
		b.ReportMetric(cpuEach, "cpu-ms/msg")
	}
}

// holds tells whether the desk keeps up with a rate.
func holds(b *testing.B, desk *child, m *meter, sides []*side, rate int) (p95, cpuEach float64, held bool) {
	const long, limit = 5 * time.Second, 200.0
	runtime.GC()
	m.take()
	cpu := desk.cpu(b)
	sent, all := m.pace(sides, rate, long)
	cpu = desk.cpu(b) - cpu
	took, acked := m.take()
	p95, cpuEach = ms(percentile(took, .95)), ms(cpu)/float64(sent)
	b.Logf("rate %5d: p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, ack p95 %.1f ms, cpu %.3f ms/msg, all %v", rate,
		ms(percentile(took, .5)), p95, ms(percentile(took, .99)), ms(percentile(acked, .95)), cpuEach, all)
	return p95, cpuEach, all && p95 <= limit && float64(sent) >= 0.95*float64(rate)*long.Seconds()
}

// BenchmarkDeskIdleSockets opens 10,000 shoppers' sockets that have said hello and takes the server's memory after a minute
// of silence (with pings).
func BenchmarkDeskIdleSockets(b *testing.B) {
	const many = 10_000
	for range b.N {
		desk := startChild(b, "desk")
		before := desk.rss(b)
		open := make(chan *websocket.Conn, many)
		var all sync.WaitGroup
		began := time.Now()
		for lane := range 20 {
			all.Go(func() {
				for range many / 20 {
					ws, err := idleSocket(desk, desk.session(b))
					if err != nil {
						b.Errorf("lane %d: %v", lane, err)
						return
					}
					open <- ws
				}
			})
		}
		all.Wait()
		close(open)
		b.Logf("%d sockets in %v, RSS at once %.0f MiB", len(open), time.Since(began).Round(time.Second), desk.rss(b))
		for ws := range open {
			go func() {
				for {
					if _, _, err := ws.ReadMessage(); err != nil {
						return
					}
				}
			}()
			b.Cleanup(func() { _ = ws.Close() })
		}
		time.Sleep(30 * time.Second)
		cpu := desk.cpu(b)
		time.Sleep(30 * time.Second)
		cpu = desk.cpu(b) - cpu
		b.ReportMetric(before, "empty-MiB")
		b.ReportMetric(desk.rss(b), "rss-MiB")
		b.ReportMetric((desk.rss(b)-before)*1024/many, "KiB/socket")
		b.ReportMetric(cpu.Seconds()/30*100, "cpu-%")
	}
}

func idleSocket(c *child, token string) (*websocket.Conn, error) {
	d := websocket.Dialer{ReadBufferSize: 256, WriteBufferSize: 256}
	ws, _, err := d.Dial("ws"+c.URL[len("http"):]+"/chat/v1/socket", nil)
	if err != nil {
		return nil, err
	}
	if err := ws.WriteJSON(obj{"type": "hello", "session": token}); err != nil {
		return nil, err
	}
	var f obj
	if err := ws.ReadJSON(&f); err != nil || f.str("type") != "welcome" {
		return nil, fmt.Errorf("no welcome: %v %w", f, err)
	}
	return ws, nil
}

// talksOnRelay opens as many rooms of two.
func talksOnRelay(b testing.TB, c *child, m *meter) (sides []*side) {
	b.Helper()
	for i := range benchTalks {
		for _, who := range []byte{'c', 'a'} {
			ws := benchDial(b, fmt.Sprint(c.URL, "/?room=", i), nil)
			other := byte('a' + 'c' - who)
			go m.listen(ws, other, nil)
			sides = append(sides, &side{mu: &sync.Mutex{}, ws: ws, make: func(id, body string) []byte {
				return fmt.Appendf(nil, `{"type":"message","id":"%s","body":"@%c%s"}`, id, who, body)
			}})
		}
	}
	return sides
}
