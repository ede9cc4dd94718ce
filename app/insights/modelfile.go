package insights

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/insights/grouping"
	"huiyin/tickets/id"
)

// The models lie beside the files of messages, sealed with the desk's key; all nodes read them. A backup has none: after a
// restore the first pass builds one.
const runsTable = "insight_runs"

// modelRow stands for the row's id in a model's place: the name of the file is its own.
const modelRow = id.ID(1)

func modelColumn(name, place string) string { return "model/" + name + "/" + place }

// putModel stores a model under a new name.
func (s *Service) putModel(ctx context.Context, model []byte) (name string, err error) {
	name = blob.NewName()
	return name, s.Files.Put(ctx, name, blob.Seal(bytes.NewReader(model), func(place string, plain []byte) ([]byte, error) {
		return s.Sealer.Seal(s.Store.Read(ctx), s.Sealer.DeskKey(), runsTable, modelColumn(name, place), modelRow, plain)
	}))
}

// readModel reads a model. Errors: grouping.ErrForm when it is gone or damaged: it is built anew.
func (s *Service) readModel(ctx context.Context, name string) ([]byte, error) {
	if name == "" {
		return nil, grouping.ErrForm
	}
	sealed, err := s.Files.Get(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, grouping.ErrForm
	}
	if err != nil {
		return nil, err
	}
	defer sealed.Close() //nolint:errcheck // read only
	model, err := io.ReadAll(blob.Open(sealed, func(place string, piece []byte) ([]byte, error) {
		return s.Sealer.Open(s.Store.Read(ctx), runsTable, modelColumn(name, place), modelRow, piece)
	}))
	if errors.Is(err, blob.ErrDamaged) {
		return nil, grouping.ErrForm
	}
	return model, err
}

// modelsKept are the newest ones; the one before the last may still be in use on another node.
const modelsKept = 2

// dropModels deletes the files of models that hold no longer.
func (s *Service) dropModels(ctx context.Context) error {
	list, err := s.runs(s.Store.Read(ctx), ` WHERE r.state = 'done' AND r.model <> '' ORDER BY r.id DESC`)
	if err != nil {
		return err
	}
	for i := modelsKept; i < len(list); i++ {
		if err := s.Files.Delete(ctx, list[i].model); err != nil {
			return err
		}
		if err := s.Store.Write(ctx, func(tx *gorm.DB) error {
			return tx.Exec(`UPDATE insight_runs SET model = '' WHERE id = ?`, int64(list[i].ID)).Error
		}); err != nil {
			return err
		}
	}
	return nil
}

// FilesOf says which of these files are models that hold: a sweep leaves them.
func (s *Service) FilesOf(ctx context.Context, names []string) (kept []string, err error) {
	for part := range slices.Chunk(names, 500) {
		var some []string
		if err := s.Store.Read(ctx).Raw(`SELECT r.model FROM insight_runs r WHERE r.model IN ?`, part).Scan(&some).Error; err != nil {
			return nil, err
		}
		kept = append(kept, some...)
	}
	return kept, nil
}
