package web

import (
	"context"
	"strings"

	"huiyin/app/backup"
	"huiyin/app/notify"
	"huiyin/app/standing"
)

// fillRunning says what is under way, what kept the last backup from being made, and where other nodes keep theirs.
func (s *Server) fillRunning(ctx context.Context, p *healthPage) error {
	begun, running, err := s.Health.Backups.Running(ctx)
	if err != nil {
		return err
	}
	if running {
		p.Running = p.T("health.running")
		if begun.At != 0 {
			p.Running = p.T("health.running_since", "time", p.Full(begun.At), "node", begun.Node)
		}
	}
	if p.Last.Need > 0 {
		p.Short = p.T("health.short", "need", sizeText(uint64(p.Last.Need)), "free", sizeText(uint64(max(p.Last.Free, 0))))
	}
	folders, err := s.Health.Backups.Folders(ctx)
	for _, f := range folders {
		p.Others = append(p.Others, p.folder(f))
	}
	return err
}

func (p *healthPage) folder(f backup.NodeFolder) string {
	return p.T("health.other", "node", f.Node, "folder", f.Dir, "n", p.Number(f.Kept), "time", p.Full(f.At))
}

// nodes are the processes that serve the desk.
func (p *healthPage) nodes() (list []nodeView) {
	for _, n := range p.State.Nodes {
		list = append(list, nodeView{
			Name: p.T("health.node", "host", n.Host, "process", n.Process), Since: p.T("health.since", "time", p.Full(n.Since.UnixMilli())),
			Version: n.Version, Work: strings.Join(n.Work, ", "), Here: n.Here,
		})
	}
	return list
}

// alerts are what the administrators have been told and is not over.
func (p *healthPage) alerts() (list []alertView) {
	for _, a := range p.State.Alerts {
		list = append(list, p.alert(a))
	}
	return list
}

func (p *healthPage) alert(a standing.Alert) alertView {
	it := notify.Standing{Kind: a.Kind, Args: a.Args}
	say := func(key string, args map[string]any) string { return p.texts.Text(p.Locale, key, args) }
	return alertView{Title: it.Title(say), Text: it.Text(say), Since: p.T("health.since", "time", p.Full(a.Since.UnixMilli()))}
}
