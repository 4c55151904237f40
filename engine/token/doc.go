// Package token turns text of any language into what can be compared: words in
// lower case, their stems, pairs of Chinese, Japanese and Korean characters, codes.
//
// [Tokens] gives every form under which a text may be asked for, [Ask] reads a
// question in the same forms, [Stems] gives one form a word, for counting.
package token
