// Package council is what bodies decide, what agencies agree to, and advice on record.
//
// A body has members with terms and a rule by which every vote is counted. Its meetings have
// items, each with a dossier: records of other rooms as they stood when they were laid
// before the members, with the ledger's head of then. A vote without quorum is void and can be
// held again. Approved minutes are superseded, never changed. Whoever is recused from an
// item sees no trace of it, whatever their role.
//
// What touches other agencies goes to each of them; all parties see all answers.
//
// An agency puts a question about a record to named experts or to a body's members.
// Each answers alone, with interests declared, evidence and how sure they are; nobody reads an
// answer before all are in or the day is over, so that none leans on another. The request is
// closed with a synthesis that says of each answer whether it follows it and keeps the
// minority; from then on everybody may read the whole. Decisions say which advice they had.
package council
