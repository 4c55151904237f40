// Package council is advice on record. An agency puts a question about a record
// (a priority, a need, a question, a call) to named experts. Each answers alone,
// with interests declared, evidence and how sure they are; nobody reads an answer
// before all are in or the day is over, so that none leans on another. The agency
// closes the request with a synthesis that keeps the minority, and says later what became of it.
// From then on everybody may read the whole.
package council
