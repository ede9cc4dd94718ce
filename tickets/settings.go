package tickets

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
)

// Settings of the desk are named values, sealed with the desk's key. A value is bound to its name: it does not open
// under another. They are read from the database each time, so that a change holds everywhere at once.
const settingMax = 64 << 10 // bytes

// settingRow stands for the row id, which settings do not have, in a sealed value's place.
const settingRow = 1

func settingColumn(name string) string { return "value/" + name }

// Setting gives a setting's value and whether it is set.
func (s *Service) Setting(ctx context.Context, name string) (value []byte, set bool, err error) {
	return s.readSetting(s.store.Read(ctx), name)
}

// readSetting gives a setting's value as tx sees it.
func (s *Service) readSetting(tx *gorm.DB, name string) (value []byte, set bool, err error) {
	var sealed []byte
	err = on(tx).row(`SELECT v.value FROM settings v WHERE v.name = ?`, name).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	value, err = s.seal.Open(tx, "settings", settingColumn(name), settingRow, sealed)
	return value, err == nil, err
}

// SetSetting sets a setting's value, of at most 64 KiB. Errors: Invalid.
func (s *Service) SetSetting(ctx context.Context, name string, value []byte) error {
	if err := checkSetting(name, value); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		_, err := s.putSetting(on(tx), name, value, replaceSetting)
		return err
	})
}

const replaceSetting = `DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`

// ClaimSetting sets a setting unless somebody has set it, and gives the value that it has now. Errors: Invalid.
func (s *Service) ClaimSetting(ctx context.Context, name string, value []byte) ([]byte, error) {
	if err := checkSetting(name, value); err != nil {
		return nil, err
	}
	err := s.store.Write(ctx, func(tx *gorm.DB) error {
		_, err := s.claimSetting(on(tx), name, value)
		return err
	})
	if err != nil {
		return nil, err
	}
	value, _, err = s.Setting(ctx, name)
	return value, err
}

func checkSetting(name string, value []byte) error {
	if name == "" || len(name) > 100 || len(value) > settingMax {
		return fault.InvalidField("setting", "invalid", "error.setting", nil)
	}
	return nil
}

// claimSetting sets a setting that nobody has set; false says that somebody has.
func (s *Service) claimSetting(c conn, name string, value []byte) (bool, error) {
	return s.putSetting(c, name, value, `DO NOTHING`)
}

func (s *Service) putSetting(c conn, name string, value []byte, conflict string) (bool, error) {
	sealed, err := s.seal.Seal(c.tx, s.seal.DeskKey(), "settings", settingColumn(name), settingRow, value)
	if err != nil {
		return false, err
	}
	n, err := c.exec(`INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?) ON CONFLICT (name) `+conflict,
		name, sealed, Millis(s.now()))
	return n == 1, err
}
