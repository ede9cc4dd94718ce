package backup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"huiyin/app/db"
)

// BeforeMigration copies a desk whose schema is about to change, and keeps the last three of such copies.
func BeforeMigration(ctx context.Context, s Source, dir string) (*Made, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of backups: %w", err)
	}
	if err := tidyStray(dir); err != nil {
		return nil, err
	}
	var from int64
	err := s.DB.Snapshot(ctx, func(look *db.Snapshot) (err error) {
		from, err = look.Schema(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	at, err := stamp(dir, s.Now())
	if err == nil {
		err = s.roomFor(ctx, dir)
	}
	if err != nil {
		return nil, err
	}
	made, err := write(ctx, s, filepath.Join(dir, fmt.Sprintf("%s%d-%s%s", beforePrefix, from, at.Format(stampForm), ending)), at)
	if err != nil {
		return nil, err
	}
	return made, tidy(dir)
}
