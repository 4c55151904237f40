// Package expertise says who can judge a text: it compares texts with what people
// have written and gives each pair of a text and a person a score from 0 to 1.
//
// # Contract
//
// A [Corpus] takes in people with their works and the texts to be judged; [Corpus.Index]
// weighs them; an [Index] scores. Within one index scores may be compared between
// texts of one person and between persons of one text. They say how near the wording and
// the field of a text are to the works that are nearest to it, in that index; they are
// no probability, and scores of two indexes are not comparable. A person
// without works, and a text of which no word stands anywhere else, is near to nobody.
//
// Equal input gives equal scores, whatever the number of processors.
//
// # Method
//
// All of it is counted from the works and texts themselves; nothing is learned elsewhere.
//
//  1. Words are stemmed in the language of their text, Chinese, Japanese and Korean are cut into
//     pairs of characters (package token). A word in the title counts twice.
//  2. The likeness of a text and a work in wording is the cosine of their vectors of
//     (1 + ln tf)·ln((n+1)/df) (Salton and Buckley, 1988).
//  3. Their likeness in field is the mean of cosines in latent spaces of 5, 10, 20 and
//     40 dimensions (latent semantic analysis: Deerwester et al., 1990), each whitened by how far the
//     works of one person lie apart (within-class covariance normalisation: Hatch,
//     Kajarekar and Stolcke, 2006): directions in which one person's works differ tell little about who knows what.
//  4. Both are divided by their standard deviation over pairs of text and work, and added.
//     Half of the text's mean likeness to all works is taken off: a text that is like
//     everything says little by being like someone (hubness: Radovanović, Nanopoulos and Ivanović, 2010).
//  5. Over the works of a person, from the likest, likeness r counts 0.4·0.6^r: one
//     near work is good, several are better, and many far ones do no harm.
//  6. The sum x becomes a score by a fixed rising function, see [Index.Score].
//
// Reading and weighing take time in proportion to the words. Scoring one text
// against all takes O(postings of all works); [Index.Best] finds candidates in an
// inverted index first where that is worth it, and scores only these.
package expertise
