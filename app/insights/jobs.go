package insights

import (
	"gorm.io/gorm"
)

// Assigning is the job that gives new clauses their groups.
type Assigning struct{}

// Kind names the job.
func (Assigning) Kind() string { return "insights_assign" }

// Settling is the job that brings clauses after their fine groups.
type Settling struct{}

// Kind names the job.
func (Settling) Kind() string { return "insights_settle" }

// Passing is the job of the pass that is due.
type Passing struct{}

// Kind names the job.
func (Passing) Kind() string { return "insights_pass" }

// Looking is the job that looks for groups that rise.
type Looking struct{}

// Kind names the job.
func (Looking) Kind() string { return "insights_look" }

// queue asks for a job in a transaction. One that runs may have looked for the last time: Queue asks again when it is over.
func (s *Service) queue(tx *gorm.DB, job Job) error {
	if s.Queue == nil {
		return nil
	}
	return s.Queue(tx, job)
}
