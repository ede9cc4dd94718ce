// Package intake keeps files whose lines a job takes in bit by bit: sealed until they are done, with how far each is and which
// lines it refused. What a line means is the feature's.
//
//	Upload ─▶ Put ─▶ Preview ─▶ Start ─▶ job: Work in turns ─▶ End
//	                    └─────▶ Discard
//
// The tables are the feature's too: one of imports, with the columns id, file, name, plan, state, reason, started_at and
// ended_at, and one of refused lines, with import_id, n, line, col, field and code. A job that was killed goes on where it
// stood, as the feature writes how far it is in the transaction of its lines.
package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// The states of an import.
const (
	New     = "new" // somebody looks at its preview
	Waiting = "waiting"
	Running = "running"
	Done    = "done"
	Failed  = "failed"
)

const (
	// FileMax is how many bytes a file may have: so much is held in memory while it is sent, and never laid down unsealed.
	FileMax = 30 << 20
	// Unpacked is how many bytes it may be when it is unpacked.
	Unpacked = 256 << 20
	// Most is how many imports are listed, and looked after at once.
	Most = 20
	// Left is how long a file waits for somebody to start it.
	Left = 24 * time.Hour
	// Stalled is when an import that is not over is looked after.
	Stalled = time.Hour

	turn    = 40 * time.Second
	nameMax = 300
)

// Tray keeps the files of one feature.
type Tray struct {
	Table  string // of imports
	Faults string // table of refused lines
	Words  Words
	Store  tickets.Store
	Sealer *seal.Sealer
	Files  blob.Store
	Now    func() time.Time
}

// Words are keys of what the feature's page says.
type Words struct {
	File    string // before the word for what is wrong with a file
	Gone    string // the file is gone
	Started string // the import was started already
	Columns string // no column holds what is needed
	Twice   string // two columns hold the same
}

// Put lays a file down, sealed; insert writes its row, with the sealed name. Errors: Unavailable.
func (t *Tray) Put(ctx context.Context, one id.ID, name string, data []byte, insert func(tx *gorm.DB, file string, name []byte) error) error {
	file := blob.NewName()
	seal := func(place string, plain []byte) ([]byte, error) {
		return t.Sealer.Seal(t.Store.Read(ctx), t.Sealer.DeskKey(), t.Table, "file/"+place, one, plain)
	}
	if err := t.Files.Put(ctx, file, blob.Seal(bytes.NewReader(data), seal)); err != nil {
		return &fault.Error{Kind: fault.Unavailable, Key: "error.file.store", RetryAfter: 30 * time.Second, Err: err}
	}
	err := t.Store.Write(ctx, func(tx *gorm.DB) error {
		sealed, err := t.Sealer.SealText(tx, t.Sealer.DeskKey(), t.Table, "name", one, Shortened(name, nameMax))
		if err != nil {
			return err
		}
		return insert(tx, file, sealed)
	})
	if err != nil {
		return errors.Join(err, t.Files.Delete(context.WithoutCancel(ctx), file))
	}
	return nil
}

// Content opens a file. Errors: NotFound (it is gone).
func (t *Tray) Content(ctx context.Context, one id.ID, file string) ([]byte, error) {
	in, err := t.Files.Get(ctx, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, t.Words.Gone)
	}
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // read only
	return io.ReadAll(blob.Open(in, func(place string, sealed []byte) ([]byte, error) {
		return t.Sealer.Open(t.Store.Read(ctx), t.Table, "file/"+place, one, sealed)
	}))
}

// Start lets an import wait for its job, which the feature queues in this transaction. Errors: Conflict (it was started).
func (t *Tray) Start(tx *gorm.DB, one id.ID, plan []byte) error {
	return t.started(tx.Exec(`UPDATE `+t.Table+` SET plan = ?, state = ?, started_at = ? WHERE id = ? AND state = ?`,
		string(plan), Waiting, tickets.Millis(t.Now()), int64(one), New))
}

func (t *Tray) started(done *gorm.DB) error {
	if done.Error == nil && done.RowsAffected == 0 {
		return fault.New(fault.Conflict, t.Words.Started)
	}
	return done.Error
}

// Discard takes away an import that was not started, with its file. Errors: Conflict (it was started).
func (t *Tray) Discard(ctx context.Context, one id.ID, file string) error {
	err := t.Store.Write(ctx, func(tx *gorm.DB) error {
		return t.started(tx.Exec(`DELETE FROM `+t.Table+` WHERE id = ? AND state = ?`, int64(one), New))
	})
	if err != nil {
		return err
	}
	return t.Files.Delete(ctx, file)
}

// End ends an import; its file goes. Reason is why it failed, in a word.
func (t *Tray) End(ctx context.Context, one id.ID, file, state, reason string) error {
	err := t.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE `+t.Table+` SET state = ?, reason = ?, ended_at = ? WHERE id = ? AND state IN ?`,
			state, reason, tickets.Millis(t.Now()), int64(one), []string{Waiting, Running}).Error
	})
	if err != nil {
		return err
	}
	return t.Files.Delete(ctx, file)
}

// Fail ends an import whose file cannot be read, and passes an error that is no fault of the file.
func (t *Tray) Fail(ctx context.Context, one id.ID, file string, why error) error {
	e := fault.As(why)
	if e == nil {
		return why
	}
	return t.End(ctx, one, file, Failed, e.Key[strings.LastIndexByte(e.Key, '.')+1:])
}

// FilesOf tells which of these files imports still need.
func (t *Tray) FilesOf(ctx context.Context, names []string) ([]string, error) {
	var out []string
	return out, t.Store.Read(ctx).Raw(`SELECT file FROM `+t.Table+` WHERE file IN ? AND ended_at IS NULL`, names).Scan(&out).Error
}

// InTurn takes steps with pauses between, until one says that there is no other or the time of a job is over: what dies with a
// node is taken up again soon. more: there is more to do.
func InTurn(ctx context.Context, step func() (on bool, err error)) (more bool, err error) {
	for until := time.Now().Add(turn); ; {
		if time.Now().After(until) {
			return true, nil
		}
		began := time.Now()
		on, err := step()
		if err != nil || !on {
			return false, err
		}
		if err := tickets.Pause(ctx, time.Since(began)); err != nil {
			return false, err
		}
	}
}

// Shortened gives the first characters of a text.
func Shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	r := []rune(text)
	return string(r[:min(len(r), most)])
}
