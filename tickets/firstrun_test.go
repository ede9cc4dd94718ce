package tickets_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// firstRunEnv makes this test binary begin a desk and kill itself: "<point> <folder>".
const firstRunEnv = "HUIYIN_TICKETS_TEST_FIRST_RUN"

func TestMain(m *testing.M) {
	if job := os.Getenv(firstRunEnv); job != "" {
		point, dir, _ := strings.Cut(job, " ")
		fmt.Fprintln(os.Stderr, beginAndDie(point, dir)) // reached only when it is still alive
		os.Exit(1)
	}
	os.Exit(m.Run())
}

var firstRun = tickets.FirstRun{
	Admin: tickets.NewAgent{Email: "li@huiyin.test", Name: "李雷", PasswordHash: "$argon2id$"},
	Shop:  tickets.Shop{Name: "青禾", Locale: "zh-CN", Timezone: "Asia/Shanghai", Country: "CN", Currency: "CNY"},
	Inbox: tickets.NewInbox{Channel: tickets.ChannelChat, Name: "青禾"},
	Spend: "setup_code",
}

// emptyDesk is the domain on a database without anybody.
func emptyDesk(t testing.TB, database *db.DB, dir string) *tickets.Service {
	t.Helper()
	s, err := domainIn(database, dir, database.Write)
	ok(t, err)
	return s
}

func domainIn(database *db.DB, dir string, write func(context.Context, func(*gorm.DB) error) error) (*tickets.Service, error) {
	ids := id.NewMaker(1, time.Now)
	sealer, err := seal.Open(bg, seal.Options{
		DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: filepath.Join(dir, "keyring"), Now: time.Now, NewID: ids.Next,
	})
	if err != nil {
		return nil, err
	}
	return tickets.New(tickets.Options{Store: tickets.Store{Write: write, Read: database.Read, After: db.After}, Sealer: sealer, IDs: ids, Now: time.Now}), nil
}

// whole tells what of a first run is there.
func whole(t *testing.T, s *tickets.Service) (parts int) {
	t.Helper()
	agents, err := s.Agents(bg)
	ok(t, err)
	boxes, err := s.Inboxes(bg)
	ok(t, err)
	shop, err := s.Shop(bg)
	ok(t, err)
	code, found, err := s.Setting(bg, firstRun.Spend)
	ok(t, err)
	for _, there := range []bool{
		len(agents) == 1 && agents[0].Role == tickets.RoleAdmin && agents[0].Email == "li@huiyin.test", len(boxes) == 1 && boxes[0].Name == "青禾", shop.Name == "青禾", found && len(code) == 0,
	} {
		if there {
			parts++
		}
	}
	if parts == 0 && (len(agents) > 0 || len(boxes) > 0 || string(code) != "K7QF") {
		t.Errorf("%d agents, %d inboxes and the code %q are left of nothing", len(agents), len(boxes), code)
	}
	return parts
}

func TestAFirstRunMakesAllOrNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		t.Parallel()
		s := emptyDesk(t, database, t.TempDir())
		_, err := s.ClaimSetting(bg, firstRun.Spend, []byte("K7QF"))
		ok(t, err)
		for field, change := range map[string]func(*tickets.FirstRun){
			"error.identity.email": func(r *tickets.FirstRun) { r.Admin.Email = "x" },
			"error.shop.timezone":  func(r *tickets.FirstRun) { r.Shop.Timezone = "Mars/Olympus" },
			"error.inbox.name":     func(r *tickets.FirstRun) { r.Inbox.Name = strings.Repeat("长", 300) },
		} {
			run := firstRun
			change(&run)
			if _, _, err := s.BeginDesk(bg, run); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: got %v", field, err)
			}
			equal(t, whole(t, s), 0)
		}
		admin, box, err := s.BeginDesk(bg, firstRun)
		ok(t, err)
		if admin.Role != tickets.RoleAdmin || admin.Locale != "zh-CN" || box.Key == "" {
			t.Errorf("got %+v, %+v", admin, box)
		}
		equal(t, whole(t, s), 4)
		second := firstRun
		second.Admin.Email, second.Inbox.Name, second.Shop.Name = "han@huiyin.test", "另一个", "另一个"
		_, _, err = s.BeginDesk(bg, second)
		refused(t, err, fault.Conflict, "error.agent.not_first")
		equal(t, whole(t, s), 4)
	})
}

// beginAndDie begins a desk and kills this process: before the transaction, within it, right before its commit, or after
// its ack.
func beginAndDie(point, dir string) error {
	database, err := db.Open(bg, db.Options{Path: filepath.Join(dir, "huiyin.db")})
	if err != nil {
		return err
	}
	die := func(at string) {
		if at == point {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				_ = self.Kill()
			}
			time.Sleep(time.Minute)
		}
	}
	write := func(ctx context.Context, fn func(tx *gorm.DB) error) error {
		die("before")
		err := database.Write(ctx, func(tx *gorm.DB) error {
			if point == "within" {
				go func() { time.Sleep(200 * time.Microsecond); die("within") }()
			}
			err := fn(tx)
			die("commit")
			return err
		})
		die("after")
		return err
	}
	s, err := domainIn(database, dir, write)
	if err != nil {
		return err
	}
	_, _, err = s.BeginDesk(bg, firstRun)
	if point == "within" {
		time.Sleep(time.Second) // it was quicker than its end, which comes now
	}
	return err
}

func TestAFirstRunThatIsKilledIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	for point, want := range map[string]int{"before": 0, "within": -1, "commit": 0, "after": 4} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "huiyin.db")
			database, err := db.Open(bg, db.Options{Path: path})
			ok(t, err)
			_, err = database.Migrate(bg)
			ok(t, err)
			_, err = emptyDesk(t, database, dir).ClaimSetting(bg, firstRun.Spend, []byte("K7QF"))
			ok(t, err)
			ok(t, database.Close())

			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), firstRunEnv+"="+point+" "+dir)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState.ExitCode() != -1 {
				t.Fatalf("the child was not killed: %v %s", err, out)
			}

			database, err = db.Open(bg, db.Options{Path: path})
			ok(t, err)
			defer database.Close() //nolint:errcheck // a test's
			s := emptyDesk(t, database, dir)
			parts := whole(t, s)
			if parts != want && (want >= 0 || parts%4 != 0) {
				t.Fatalf("%d of 4 parts are there, want %d", parts, want)
			}
			if parts == 0 { // and the next visit can begin it
				_, _, err := s.BeginDesk(bg, firstRun)
				ok(t, err)
				equal(t, whole(t, s), 4)
			}
		})
	}
}
