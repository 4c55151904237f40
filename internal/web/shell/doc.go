// Package shell is what all pages share: the frame, the parts (one templ
// component a block of look.css), forms that lose nothing when they are
// refused, and the one place where an error becomes a page.
//
// A page is a templ component inside Layout. A handler is a function that
// returns an error; whatever it returns becomes a page through Handle. Text
// comes from the catalogue through T. Pages carry no style attribute and no
// inline script: the content policy forbids both. Everything works without the
// script in static/headwater.js.
package shell
