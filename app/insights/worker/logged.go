package worker

import (
	"bytes"
	"log/slog"
)

// logged writes what a child says on its standard error into the log. It never says texts of shoppers.
type logged struct {
	log  *slog.Logger
	line []byte
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	const most = 64 << 10
	l.line = append(l.line, p...)
	for {
		n := bytes.IndexByte(l.line, '\n')
		if n < 0 {
			break
		}
		if l.log != nil {
			l.log.Warn("the insights worker says", "line", string(l.line[:n]))
		}
		l.line = l.line[n+1:]
	}
	if len(l.line) > most {
		l.line = nil
	}
	return len(p), nil
}
