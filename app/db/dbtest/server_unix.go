//go:build unix

package dbtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// startTries is how often another port is tried: somebody may take it between our look and the server's start.
const startTries = 3

// watch starts a server and stops it when its standard input ends, which is when the test binary has. $1 is the folder of
// the programs, $2 the server's own, $3 the port.
const watch = `
exec 2>"$2/log"
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >&2 || exit 1
"$1/postgres" -D "$2/data" -c listen_addresses=127.0.0.1 -c port="$3" -c unix_socket_directories= \
	-c max_connections=300 -c shared_buffers=64MB -c fsync=off -c synchronous_commit=off -c full_page_writes=off >&2 &
until "$1/pg_isready" -q -h 127.0.0.1 -p "$3"; do kill -0 $! || exit 1; sleep 0.05; done
echo ready
cat >/dev/null
kill -INT $!
wait
cd / && rm -rf "$2"
`

// keep holds the writing ends of the watchers' pipes: a collected one would be closed and end its server.
var keep []*os.File

func startServer() (dsn string, err error) {
	bin, err := programs()
	if err != nil {
		return "", err
	}
	for range startTries {
		if dsn, err = startOn(bin); err == nil {
			return dsn, nil
		}
	}
	return "", err
}

// programs finds the folder of the newest installed server.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	best, version := "", -1
	for _, path := range found {
		dir := filepath.Dir(path)
		if n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))); n > version {
			best, version = dir, n
		}
	}
	if best != "" {
		return best, nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errNotInstalled
	}
	return filepath.Dir(path), nil
}

func startOn(bin string) (string, error) {
	dir, err := os.MkdirTemp("", "huiyin-postgres-")
	if err != nil {
		return "", err
	}
	attr, err := owner(dir)
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	port, err := freePort()
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	if err := launch(bin, dir, port, attr); err != nil {
		text, _ := os.ReadFile(filepath.Join(dir, "log"))
		return "", errors.Join(fmt.Errorf("start PostgreSQL: %w\n%s", err, text), os.RemoveAll(dir))
	}
	dsn := "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable"
	return dsn, isOurs(dsn, dir)
}

// launch starts the watcher and returns when the server answers.
func launch(bin, dir, port string, attr *syscall.SysProcAttr) error {
	cmd := exec.Command("/bin/sh", "-c", watch, "sh", bin, dir, port)
	cmd.Dir, cmd.SysProcAttr = dir, attr
	in, end, err := os.Pipe()
	if err != nil {
		return err
	}
	out, told, err := os.Pipe()
	if err != nil {
		return errors.Join(err, in.Close(), end.Close())
	}
	cmd.Stdin, cmd.Stdout = in, told
	err = cmd.Start()
	err = errors.Join(err, in.Close(), told.Close())
	keep = append(keep, end)
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n')
	}
	return errors.Join(err, out.Close())
}

// owner gives the folder to the user postgres when we are root, whom the server refuses, and says how to start as her.
// A process group of its own keeps an interrupt at the terminal from killing the watcher before it has cleaned up.
func owner(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid))
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// isOurs makes sure that nobody else's server answers on the port.
func isOurs(dsn, dir string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var data string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&data); err != nil {
		return err
	}
	if data != filepath.Join(dir, "data") {
		return errors.New("start PostgreSQL: another server has the port")
	}
	return nil
}
