package backup

import (
	"context"
	"slices"
	"time"
)

// NodeFolder is a folder in which a node keeps backups, as that node saw it last.
type NodeFolder struct {
	Node string `json:"node"`
	Dir  string `json:"dir"`
	At   int64  `json:"at"` // when it was looked at, Unix milliseconds
	Kept int    `json:"kept"`
	Last string `json:"last,omitempty"` // name of the newest
}

// forgetPlace is how long a folder is named that no node writes to any more.
const forgetPlace = 30 * 24 * time.Hour

// Folders lists the folders of the desk's other nodes.
func (s *Service) Folders(ctx context.Context) ([]NodeFolder, error) {
	all, err := s.places(ctx)
	return slices.DeleteFunc(all, s.isMine), err
}

func (s *Service) places(ctx context.Context) (list []NodeFolder, err error) {
	err = s.read(ctx, placesSetting, &list)
	return list, err
}

func (s *Service) isMine(p NodeFolder) bool { return p.Node == s.Node && p.Dir == s.Dir }

// notePlace writes down how this node's folder stands. It is called while no other node makes a backup.
func (s *Service) notePlace(ctx context.Context) error {
	kept, err := List(s.Dir)
	if err != nil {
		return err
	}
	list, err := s.places(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	list = slices.DeleteFunc(list, func(p NodeFolder) bool { return s.isMine(p) || now.Sub(time.UnixMilli(p.At)) > forgetPlace })
	mine := NodeFolder{Node: s.Node, Dir: s.Dir, At: now.UnixMilli(), Kept: len(kept)}
	if len(kept) > 0 {
		mine.Last = kept[0].Name()
	}
	return s.write(ctx, placesSetting, append(list, mine))
}

// heedRenewal renews the keys in this node's folder when another node has renewed its own since: somebody was erased.
func (s *Service) heedRenewal(ctx context.Context) error {
	var called int64
	if err := s.read(ctx, renewSetting, &called); err != nil || called == s.renewed {
		return err
	}
	if !s.one.TryLock() {
		return nil // the next look will
	}
	defer s.one.Unlock()
	if err := s.renewKeys(ctx); err != nil {
		return err
	}
	s.renewed = called
	return nil
}
