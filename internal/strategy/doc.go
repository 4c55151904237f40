// Package strategy is what a country wants of its science: goals, priority areas
// and tasks, each with an owner and a target that can be measured; needs that
// enterprises, ministries and others post; and research questions written from them. Calls,
// awards and questions are linked to priorities, so that money can be followed
// from the aim to what came of it.
//
// Everything here is public except drafts. Officers of the lead agency write
// priorities and questions; whoever is signed in and belongs to an organisation posts needs.
package strategy
