// Package cluster puts points on the unit sphere into groups: many fine ones by spherical k-means (Dhillon and Modha 2001)
// begun with k-means++ (Arthur and Vassilvitskii 2007), which are then merged while two of them are nearly as similar to
// each other as each is within itself.
//
// A point has a dense part, which lies in the block of its language, and a sparse part that all languages share: Points
// holds them without the zeros between. All is the same to the byte whatever the number of processors: a cluster's sum is
// added up in the order of its members, by one goroutine.
package cluster
