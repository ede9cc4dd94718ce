// Package grouping puts what shoppers say into groups of the same complaint, Chinese and English together, without any
// model file: all that it knows it learns from the shop's own texts and from a lexicon of shop concepts written by us.
// It is pure: texts in, groups out, no database, no clock. app/insights keeps what comes out.
//
// The way of a text:
//
//	words    normal form · clauses of a long text · language · tokens       texts that say the same become one unit
//	lexicon  the shop concepts in it                                        the bridge between the languages
//	space    a place by the company that its words keep                     one space per language, learned here
//	place    both put together into one point on the unit sphere            (place.go)
//	cluster  many fine groups, merged while they are alike                  (build.go)
//	         what lies far from every group is looked at once more, then left ungrouped, and said so
//	lesson   what people have put into a group by hand teaches it           (lesson.go, school.go, judge.go)
//	name     its aspect, and phrases or concepts that set it apart         (called.go)
//
// Build does all this from nothing and gives a Model, which can be stored (encode.go), gives a new text its group in well
// under a millisecond (Model.Assign), takes in the texts of a day (Model.Refresh) and of a week, with new places for the
// words (Model.Retrain). Both carry memberships over: a text moves only when another group fits it clearly better, so that
// tomorrow's groups are today's. A pinned group keeps its members.
//
// From five texts on that people have put into a group it learns (Grouping.Learn): a plane on the sphere, found by logistic
// regression from those texts, those put elsewhere and a sample of all, and once more with what the first plane has above it, claims
// what is like them wherever it lies, and refuses what is not in the fine groups that they come from. Words themselves beside the
// points made this worse: with so few texts each of them has words that no other has.
//
// The same texts give the same groups to the byte, whatever the number of processors.
//
// The method was chosen by measurement; TestGroupingMeetsItsTargets and TestGroupsLearnFromConfirmedTexts in cmd/huiyin print how
// well it does.
package grouping
