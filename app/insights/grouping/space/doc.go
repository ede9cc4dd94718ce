// Package space gives the words of a language a place by the company they keep, learned from the shop's own texts alone:
// no model file, nothing to download. Words that stand near the same words come to lie together, and so do texts that
// say the same in other words.
//
// Learn counts who stands near whom (association.go), keeps what is more than chance (positive pointwise mutual
// information), finds the strongest directions of that matrix (eigen.go) and weighs each word by how rare and how topical
// it is. That a factored PPMI matrix does what word2vec does: Levy and Goldberg, "Neural Word Embedding as Implicit
// Matrix Factorization", 2014. Texts are weighted means of their words without the direction common to all (Arora, Liang
// and Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", 2017).
//
// Everything is the same to the byte on every machine of one architecture: counts are whole numbers, and sums of
// fractions are put together in an order that does not depend on the number of processors (Blocks).
package space
