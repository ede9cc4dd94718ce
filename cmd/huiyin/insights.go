package main

import (
	"context"
	"fmt"

	"huiyin/app/config"
	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/words"
	"huiyin/app/insights/worker"
)

// groupSettings are the settings of `huiyin insights group`.
type groupSettings struct {
	Format string `env:"FORMAT" arg:"jsonl|csv" usage:"What comes in: a JSON object a line, or a table with a line of names. Empty: csv for a FILE.csv, else jsonl."`
	Gate   bool   `env:"GATE" usage:"Leaves out what is no complaint."`
	Level  string `env:"LEVEL" envDefault:"group" arg:"fine|group" usage:"fine shows the fine groups, of which a group holds one or more."`
	Memory int    `env:"MEMORY" arg:"MIB" usage:"Memory that may be used. Under 512 Chinese is read by pairs of characters instead of words, which groups a little worse. 0: what is free."`
}

// Check names what is not known.
func (s groupSettings) Check() error {
	if s.Format != "" && s.Format != "jsonl" && s.Format != "csv" {
		return &config.Error{Setting: "format", Problem: fmt.Sprintf("is %q; give jsonl or csv", s.Format)}
	}
	if s.Level != "group" && s.Level != "fine" {
		return &config.Error{Setting: "level", Problem: fmt.Sprintf("is %q; give fine or group", s.Level)}
	}
	if s.Memory < 0 {
		return &config.Error{Setting: "memory", Problem: "is less than nothing; give MiB, or 0 for what is free"}
	}
	return nil
}

func insightsGroupCommand() command {
	return withArguments(command{
		name: "insights group", brief: "groups complaints of a file by what they are about",
		about: "Reads texts in Chinese and English from a file, or from standard input for -, and groups those of the same complaint:\n" +
			`  {"id": "t1", "text": "快递三天没动静", "at": "2026-11-03T18:00:05+08:00"}` + "\n" +
			"a line, or as CSV with the columns id, text and at, in UTF-8; at may be left out. Prints JSON lines, first one per text, in\n" +
			"the order in which they came, with its id as it came:\n" +
			`  {"id": "t1", "group": 4, "score": 0.83}` + "\n" +
			"group is null for a text that belongs to none; score, up to 1, says how near it lies to the middle of the nearest fine\n" +
			"group. Then one per group:\n" +
			`  {"group": 4, "name": "物流 · 没动静", "terms": ["没动静", …], "size": 61, "samples": ["t1", …]}` + "\n" +
			"The same texts give the same groups. No database is needed, nothing is sent anywhere.",
	}, "FILE|-", 1, func(_ context.Context, t *terminal, s *groupSettings, args []string) error {
		texts, err := readTexts(t.stdin, args[0], s.Format)
		if err != nil {
			return err
		}
		if len(texts) == 0 {
			fmt.Fprintf(t.stderr, "huiyin insights group: there are no texts in %s\n", args[0])
		}
		return group(t, texts, s)
	})
}

func group(t *terminal, texts []givenText, s *groupSettings) error {
	o := grouping.Options{ComplaintsOnly: s.Gate, Segmenter: segmenter(t, s.Memory)}
	in := make([]grouping.Text, len(texts))
	for i := range texts {
		in[i].Body = texts[i].Text
	}
	g, err := grouping.Build(in, o)
	if err != nil {
		return err
	}
	level := grouping.Groups
	if s.Level == "fine" {
		level = grouping.FineGroups
	}
	return printGroups(t, texts, g, level)
}

// segmenter finds Chinese words, or nil where there is little memory.
func segmenter(t *terminal, limit int) words.Segmenter {
	free := worker.Free()
	if limit > 0 {
		free = limit
	}
	if free < worker.PlainUnder {
		fmt.Fprintf(t.stderr, "huiyin insights group: with %d MiB of memory Chinese is read by pairs of characters; %d MiB group better\n", free, worker.PlainUnder)
		return nil
	}
	return words.NewDictionary()
}
