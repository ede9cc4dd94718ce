package chat

import (
	"testing"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

func TestTheSessionsModelFitsBothSchemas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { dbtest.CheckModels(t, d, session{}) })
}
