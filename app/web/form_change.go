package web

import (
	"slices"
	"strings"

	"huiyin/app/feedback"
)

// A button of the builder says what it does in its value: "save", "step", "add:STEP", or a verb and what it is done to, "up:q:ID",
// "down:s:2", "remove:q:ID", "option:ID" (one more), "unoption:ID:OPTION", "up:o:ID:OPTION", "place:q:ID" (it was dragged there). Steps are numbered from 0, one
// that was dragged by its new place.

// formChange is what a button has done.
type formChange struct {
	Focus        string // id of the element where the person goes on; empty: where she was
	Open         string // the question that is open then
	Said         string // key of what is told to who cannot see it
	Item         string // which item that is about
	Place, Count int    // of an option in its question
}

// changeForm does what a button says. What cannot be done is left alone.
func changeForm(d *feedback.Definition, do string, kind feedback.Kind) formChange {
	verb, of, _ := strings.Cut(do, ":")
	sort, name, _ := strings.Cut(of, ":")
	switch {
	case verb == "add":
		return addQuestion(d, stepIndex(d, of), kind)
	case verb == "step":
		d.Steps = append(d.Steps, feedback.Step{})
		return formChange{Focus: stepID(len(d.Steps)-1) + "-title-zh-CN"}
	case verb == "option":
		return formChange{Open: of}
	case verb == "unoption":
		removeOption(d, sort, name)
		return formChange{Open: sort, Focus: questionID(sort) + "-more", Said: "forms.builder.removed"}
	case sort == "o":
		return changeOption(d, verb, name)
	case sort == "s":
		return changeStep(d, verb, stepIndex(d, name))
	case sort == "q":
		return changeQuestion(d, verb, name)
	}
	return formChange{}
}

// stepIndex is a step by its number; -1: there is none.
func stepIndex(d *feedback.Definition, name string) int {
	for i := range d.Steps {
		if stepID(i) == "s-"+name {
			return i
		}
	}
	return -1
}

func addQuestion(d *feedback.Definition, step int, kind feedback.Kind) formChange {
	if step < 0 || !slices.Contains(feedback.Kinds(), kind) {
		return formChange{}
	}
	q := feedback.Question{ID: newFormID(string(kind)), Kind: kind}
	d.Steps[step].Questions = append(d.Steps[step].Questions, q)
	return formChange{Open: q.ID, Focus: questionID(q.ID) + "-label-zh-CN", Said: "forms.builder.added", Item: q.ID}
}

func removeOption(d *feedback.Definition, question, option string) {
	q := d.Question(question)
	if q == nil {
		return
	}
	for i := range q.Options {
		if q.Options[i].ID == option {
			q.Options = append(q.Options[:i], q.Options[i+1:]...)
			return
		}
	}
}

// changeStep moves a step with all its questions; one that is removed leaves them to its neighbour.
func changeStep(d *feedback.Definition, verb string, i int) formChange {
	other := map[string]int{"up": i - 1, "down": i + 1, "remove": max(i-1, 0), "place": i}[verb]
	if i < 0 || other < 0 || other >= len(d.Steps) || len(d.Steps) < 2 {
		return formChange{}
	}
	if verb == "place" {
		return formChange{Focus: stepID(i) + "-handle", Said: "forms.builder.step_moved", Item: stepID(i)}
	}
	if verb != "remove" {
		d.Steps[i], d.Steps[other] = d.Steps[other], d.Steps[i]
		return formChange{Focus: stepID(other) + "-" + verb, Said: "forms.builder.step_moved", Item: stepID(other)}
	}
	gone := d.Steps[i].Questions
	d.Steps = append(d.Steps[:i], d.Steps[i+1:]...)
	if i == 0 {
		d.Steps[0].Questions = append(gone, d.Steps[0].Questions...)
	} else {
		d.Steps[other].Questions = append(d.Steps[other].Questions, gone...)
	}
	return formChange{Focus: stepID(other) + "-title-zh-CN", Said: "forms.builder.removed"}
}

// changeQuestion moves a question within the whole form: past the edge of its step it goes into the next one.
func changeQuestion(d *feedback.Definition, verb, question string) formChange {
	i, j := questionPlace(d, question)
	if i < 0 {
		return formChange{}
	}
	list, q := d.Steps[i].Questions, d.Steps[i].Questions[j]
	without := func() { d.Steps[i].Questions = slices.Delete(slices.Clone(list), j, j+1) }
	moved := formChange{Focus: questionID(question) + "-" + verb, Said: "forms.builder.moved", Item: question}
	switch {
	case verb == "place":
		moved.Focus = questionID(question) + "-handle"
	case verb == "up" && j > 0:
		list[j-1], list[j] = list[j], list[j-1]
	case verb == "up" && i > 0:
		without()
		d.Steps[i-1].Questions = append(d.Steps[i-1].Questions, q)
	case verb == "down" && j < len(list)-1:
		list[j+1], list[j] = list[j], list[j+1]
	case verb == "down" && i < len(d.Steps)-1:
		without()
		d.Steps[i+1].Questions = append([]feedback.Question{q}, d.Steps[i+1].Questions...)
	case verb == "remove":
		without()
		mendConditions(d)
		return formChange{Focus: stepID(i) + "-kind", Said: "forms.builder.removed"}
	default:
		return formChange{}
	}
	return moved
}

// questionPlace is the step and the place in it of a question; -1, -1: there is none.
func questionPlace(d *feedback.Definition, question string) (step, place int) {
	for i := range d.Steps {
		for j := range d.Steps[i].Questions {
			if d.Steps[i].Questions[j].ID == question {
				return i, j
			}
		}
	}
	return -1, -1
}
