package app

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"huiyin/app/backup"
	"huiyin/app/db"
	"huiyin/app/jobs"
	"huiyin/app/standing"
)

// What a process does, as leases say it.
const (
	holderServes  = "serve"
	holderCommand = "command"
)

func hostName() string {
	host, err := os.Hostname()
	if err != nil {
		return "host"
	}
	return host
}

// holder names this process in leases: machine, process, when it began, what it does, and its version.
func holder(serves bool) string {
	kind := holderCommand
	if serves {
		kind = holderServes
	}
	return fmt.Sprintf("%s/%d/%d/%s/%s", hostName(), os.Getpid(), time.Now().UnixNano(), kind, programVersion())
}

// nodeOf reads what holder wrote; ok is false for a command and for what an older program wrote.
func nodeOf(holder string) (n standing.Node, ok bool) {
	f := strings.SplitN(holder, "/", 5)
	if len(f) < 5 || f[3] != holderServes {
		return n, false
	}
	process, err := strconv.Atoi(f[1])
	if err != nil {
		return n, false
	}
	began, err := strconv.ParseInt(f[2], 10, 64)
	return standing.Node{Host: f[0], Process: process, Since: time.Unix(0, began), Version: f[4]}, err == nil
}

// nodes lists the processes that serve this desk, with the work that each of them does for all. On SQLite it is this one.
func (s *server) nodes(ctx context.Context) ([]standing.Node, error) {
	var holders []string
	held, err := s.DB.Nodes(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
		holders = append(holders, h.Holder)
	}
	if s.DB.Dialect() == db.SQLite {
		holders = append(holders, s.holder)
	}
	leases, err := s.DB.Leases(ctx)
	if err != nil {
		return nil, err
	}
	var list []standing.Node
	for _, holder := range holders {
		n, ok := nodeOf(holder)
		if !ok {
			continue
		}
		n.Here = holder == s.holder
		for _, l := range leases {
			if l.Holder == holder {
				n.Work = append(n.Work, l.Name)
			}
		}
		list = append(list, n)
	}
	return list, nil
}

// jobsLease says by the leases of node numbers which processes live.
func (s *server) jobsLease() *jobs.Lease {
	return &jobs.Lease{
		Holder: s.holder, TTL: nodeTTL,
		Left: func() (time.Duration, int) {
			held := s.DB.NodeLease()
			return held.Left(), held.Lapses
		},
		Holders: func(ctx context.Context) (list []string, err error) {
			nodes, err := s.DB.Nodes(ctx)
			for _, n := range nodes {
				list = append(list, n.Holder)
			}
			return list, err
		},
	}
}

// backupNodes are the leases of the backup; nil on SQLite, where one process serves.
func (s *server) backupNodes() *backup.Nodes {
	if s.DB.Dialect() == db.SQLite {
		return nil
	}
	return &backup.Nodes{
		Lease: func(ctx context.Context, name string, ttl time.Duration) (bool, error) {
			held, _, err := s.DB.Lease(ctx, name, s.holder, ttl)
			return held, err
		},
		Release: func(ctx context.Context, name string) error { return s.DB.Release(ctx, name, s.holder) },
		Held: func(ctx context.Context, name string) (bool, error) {
			leases, err := s.DB.Leases(ctx)
			for _, l := range leases {
				if l.Name == name {
					return true, err
				}
			}
			return false, err
		},
		Serving: func(ctx context.Context) (hosts []string, err error) {
			nodes, err := s.nodes(ctx)
			for _, n := range nodes {
				hosts = append(hosts, n.Host)
			}
			return hosts, err
		},
	}
}
