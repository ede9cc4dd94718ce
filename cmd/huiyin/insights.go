package main

import (
	"context"
	"fmt"
	"runtime/debug"

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
	Memory int    `env:"MEMORY" arg:"MIB" usage:"Memory that may be used. Under 512 Chinese is read by pairs of characters instead of words and 20,000 texts are learned from, which groups a little worse. 0: what is free."`
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
	p := memoryPlan(t, s.Memory, len(texts))
	if t.alone {
		debug.SetMemoryLimit(int64(p.limit) << 20)
	}
	o := grouping.Options{ComplaintsOnly: s.Gate}
	if p.dictionary {
		o.Segmenter = words.NewDictionary()
	}
	in := make([]grouping.Text, len(texts))
	for i := range texts {
		in[i].Body = texts[i].Text
	}
	g, err := grouping.BuildSample(in, p.texts, o)
	if err != nil {
		return err
	}
	level := grouping.Groups
	if s.Level == "fine" {
		level = grouping.FineGroups
	}
	return printGroups(t, texts, g, level)
}

// groupPlan is what fits into the memory that there is.
type groupPlan struct {
	limit      int // MiB, for the garbage collector
	dictionary bool
	texts      int // that are learned from
}

const (
	// ample memory, in MiB, is enough for what a file may hold: more is not kept free of garbage.
	ample = 2048
	// plainTexts are learned from where there is little memory; the others get the groups that fit them.
	plainTexts = 20_000
	// kept free of what there is, as one in so many: the collector's limit leaves out what is not Go's.
	spare = 8
)

// memoryPlan looks at the limit that was given, or at what is free, and says what it leads to.
func memoryPlan(t *terminal, limit, texts int) groupPlan {
	free := limit
	if limit == 0 {
		free = worker.Free()
	}
	p := groupPlan{limit: min(free, ample) * (spare - 1) / spare, dictionary: free >= worker.PlainUnder, texts: texts}
	if p.dictionary {
		return p
	}
	fmt.Fprintf(t.stderr, "huiyin insights group: with %d MiB of memory Chinese is read by pairs of characters; %d MiB group better\n", free, worker.PlainUnder)
	if p.texts > plainTexts {
		fmt.Fprintf(t.stderr, "huiyin insights group: %d of %d texts are learned from; the others get the groups that fit them\n", plainTexts, texts)
		p.texts = plainTexts
	}
	return p
}
