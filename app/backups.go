package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/gofrs/flock"

	"huiyin/app/backup"
	"huiyin/app/config"
	"huiyin/app/db"
	"huiyin/app/standing"
	"huiyin/tickets/seal"
)

// restoreMark lies in the data folder while a backup is put back there.
const restoreMark = "restore.unfinished"

// errHalfRestored keeps everybody from a place in which a restore was broken off.
var errHalfRestored = errors.New("a restore into this place was broken off: run `huiyin restore` with the same files again")

// source is the desk as a backup sees it.
func source(d *db.DB, cfg config.Desk) backup.Source {
	return backup.Source{
		DB: d, Files: cfg.FilesFolder(), Bucket: bucketOf(cfg), Program: programVersion(), Now: time.Now, Room: standing.Room,
		Masters: func(ctx context.Context) ([]backup.Master, error) {
			keys, err := seal.InUse(d.Read(ctx))
			if err != nil {
				return nil, err
			}
			var list []backup.Master
			for _, k := range keys {
				list = append(list, backup.Master{Version: k.Version, Fingerprint: k.Fingerprint.String()})
			}
			return list, nil
		},
	}
}

// programVersion is the version that this program was built from.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}

// Backup copies the desk's data into path and path.keys; the desk may serve meanwhile. It migrates nothing.
func Backup(ctx context.Context, cfg config.Desk, path string, force bool, progress func(rows, files int64), log *slog.Logger) (made *backup.Made, err error) {
	if cfg.Database == "" {
		if _, err := os.Stat(cfg.SQLiteFile()); err != nil {
			return nil, fmt.Errorf("there is no desk in %s: name its folder with --data", cfg.Data)
		}
	}
	err = withDatabase(ctx, cfg, log, func(d *db.DB) error {
		s := source(d, cfg)
		s.Progress = progress
		vacant, err := d.Vacant(ctx)
		if err == nil && vacant {
			err = errors.New("the database holds no desk yet: there is nothing to back up")
		}
		if err != nil {
			return err
		}
		made, err = backup.Write(ctx, s, path, force)
		return err
	})
	return made, err
}

// Restore puts a backup into an empty place: no rows in the database, no files in the data folder. It takes the key ring
// that lies there (--keyring) and refuses another desk's. Broken off, it is called again with the same files.
func Restore(ctx context.Context, cfg config.Desk, path, keys string, log *slog.Logger) (out *backup.Restored, err error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := lockFolder(cfg.Data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := markRestore(cfg); err != nil {
		return nil, err
	}
	err = withDatabase(ctx, cfg, log, func(d *db.DB) error {
		out, err = backup.Restore(ctx, backup.Place{DB: d, Files: cfg.FilesFolder(), Bucket: bucketOf(cfg), CheckRing: checkRing(cfg)}, path, keys)
		if errors.Is(err, db.ErrOccupied) { // only marked places get here: the rows were all there when it was broken off
			out, err = nil, nil
		}
		if err == nil {
			_, err = d.Migrate(ctx)
		}
		if err == nil {
			err = eraseAgain(ctx, d, cfg, log)
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, unmarkUntouched(ctx, cfg, log))
	}
	return out, unmark(cfg)
}

// markRestore refuses a place that holds something, and marks an empty one.
func markRestore(cfg config.Desk) error {
	mark := filepath.Join(cfg.Data, restoreMark)
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	entries, err := os.ReadDir(cfg.FilesFolder())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, missing := os.Stat(cfg.SQLiteFile())
	if len(entries) > 0 || (cfg.Database == "" && missing == nil) {
		return fmt.Errorf("%s is not empty: a backup goes into an empty place; name another with --data", cfg.Data)
	}
	if cfg.Database != "" {
		if err := vacantPostgres(cfg); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(mark, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func vacantPostgres(cfg config.Desk) error {
	ctx := context.Background()
	return withDatabase(ctx, cfg, slog.New(slog.DiscardHandler), func(d *db.DB) error {
		vacant, err := d.Vacant(ctx)
		if err == nil && !vacant {
			err = errors.New("the database holds a desk: a backup goes into an empty one; name another with --database")
		}
		return err
	})
}

// unmarkUntouched takes the mark away again when nothing has come of a restore: a wrong file, a wrong ring.
func unmarkUntouched(ctx context.Context, cfg config.Desk, log *slog.Logger) error {
	entries, err := os.ReadDir(cfg.FilesFolder())
	if len(entries) > 0 || (err != nil && !errors.Is(err, fs.ErrNotExist)) {
		return nil // files lie there: the mark tells the next one
	}
	vacant := false
	err = withDatabase(ctx, cfg, log, func(d *db.DB) (err error) {
		vacant, err = d.Vacant(ctx)
		return err
	})
	if err != nil || !vacant {
		return nil
	}
	if cfg.Database == "" { // an empty schema, made for the restore
		for _, suffix := range []string{"", "-wal", "-shm", ".migrate", ".migrate-wal", ".migrate-shm"} {
			if err := os.Remove(cfg.SQLiteFile() + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return unmark(cfg)
}

func unmark(cfg config.Desk) error { return os.Remove(filepath.Join(cfg.Data, restoreMark)) }

// wholePlace refuses a place in which a restore was broken off.
func wholePlace(cfg config.Desk) error {
	if _, err := os.Stat(filepath.Join(cfg.Data, restoreMark)); err == nil {
		return errHalfRestored
	}
	return nil
}

func checkRing(cfg config.Desk) func([]backup.Master) error {
	return func(masters []backup.Master) error {
		var keys []seal.MasterKey
		for _, m := range masters {
			fingerprint, err := seal.ParseFingerprint(m.Fingerprint)
			if err != nil {
				return err
			}
			keys = append(keys, seal.MasterKey{Version: m.Version, Fingerprint: fingerprint})
		}
		ring, err := seal.LoadRing(cfg.KeyringFile())
		if errors.Is(err, seal.ErrRingMissing) {
			return seal.RingWanted(cfg.KeyringFile(), keys)
		}
		if err != nil {
			return err
		}
		return ring.Check(cfg.KeyringFile(), keys)
	}
}

// errLocked keeps a second process from a data folder.
var errLocked = errors.New("another Huiyin works on this data folder: stop it first, or give this one a folder of its own with --data")

// lockFolder makes the data folder this process's until the lock is closed or the process ends.
func lockFolder(data string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(data, "huiyin.lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("%s: %w", data, errLocked)
	}
	return lock, nil
}

// migrateSafely migrates, and copies a desk that has something to lose before it does.
func migrateSafely(ctx context.Context, d *db.DB, cfg config.Desk, log *slog.Logger) (applied int, err error) {
	pending, err := d.Pending(ctx)
	if err != nil || pending == 0 {
		return 0, err
	}
	vacant, err := d.Vacant(ctx)
	if err != nil {
		return 0, err
	}
	if !vacant {
		made, err := backup.BeforeMigration(ctx, source(d, cfg), cfg.BackupsFolder())
		if err != nil {
			return 0, fmt.Errorf("the database is not migrated without a backup: %w", err)
		}
		log.Info("backup made before the migration", "file", made.Path, "rows", made.Rows, "took", made.Took)
	}
	return d.Migrate(ctx)
}

// takeFolder makes the data folder this process's: two desks on one folder would keep counts of their own.
func (s *server) takeFolder() (err error) {
	if err := os.MkdirAll(s.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	s.folder, err = lockFolder(s.cfg.Data)
	return err
}

// newBackups makes the service of the daily backup.
func (s *server) newBackups() *backup.Service {
	return backup.New(backup.Options{
		Source: source(s.DB, s.cfg.Desk), Dir: s.cfg.BackupsFolder(), Log: s.Log, Node: hostName(), Nodes: s.backupNodes(),
		Zone: func(ctx context.Context) *time.Location {
			shop, err := s.Tickets.Shop(ctx)
			if err != nil {
				s.Log.WarnContext(ctx, "read the shop's settings", "error", err)
			}
			return shop.Zone()
		},
		Setting: s.Tickets.Setting, SetSetting: s.Tickets.SetSetting, Alert: s.alert, AlertOver: s.alertOver,
	})
}
