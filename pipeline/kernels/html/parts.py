"""What the parts of a page are called: by their elements, their roles, and the words of their class and id values.

A part has a mask of kinds (63 bits, int64). The words are the usual ones of themes, site builders and shop systems, in groups
of one meaning; what a group is worth is for the model to say (pipeline/models/main_text.md), not for this table.
"""

import numpy as np

from pipeline.kernels.html.names import ELEMENTS, NUMBERS, hash_table, vocabulary

# Each kind: its name, then the words that say it.
_KINDS = """
navigation: docnav dropdown mainmenu megamenu menu menubar nav navbar navbox navfooter navheader navi navigation navlinks
    sidenav sitemap submenu subnav tablist toolbar topmenu topnav
frame: colophon contentinfo footer masthead pagefooter pageheader sitefooter siteheader topbar header
side: aside complementary sidebar sidebars rail
advert: ad ads adsense advert advertisement advertising adverts banner promo promotion sponsor sponsored dfp gpt taboola
    outbrain
breadcrumb: breadcrumb breadcrumbs crumb crumbs
pager: pager pagination paginator paging pagenavi previous prev next
contents: toc contents tableofcontents
sharing: addtoany facebook follow share sharedaddy sharing social twitter whatsapp
related: latest popular recent recommendation recommendations recommended related similar suggested suggestions trending
    upsell readmore
consent: consent cookie cookies gdpr
popup: drawer lightbox modal offcanvas overlay popover popup tooltip
newsletter: newsletter optin signup subscribe subscription
login: account auth login register signin
skip: skip skiplink skiplinks
comments: comment commentary commentlist comments discussion disqus replies reply respond response responses
author: author authors avatar bio biography byline contributor profile vcard writer
facts: details info meta metadata postmeta
date: date dates datetime posted published time timestamp updated
tags: categories category label labels tag tags taxonomy topics keywords
title: heading headline title
lead: abstract deck dek excerpt intro lead standfirst subheading subtitle summary tagline
body: articlebody body content copy entry markdown prose richtext rte story text wysiwyg
article: article articles blog hentry news post posts single
caption: caption captions credit credits figcaption figure
media: audio carousel gallery image images img media photo photos picture player slide slider slides slideshow swiper video
    videos
search: facet facets filter filters search searchbox sort sorting refine
form: control contact field fields form input forms
cart: add basket buy cart checkout delivery qty quantity shipping wishlist
price: amount discount price prices pricing sale
product: item items merchandise product products sku variant variants
description: about desc description descriptions overview
specification: attribute attributes data feature features specification specifications specs spec table
review: rating ratings review reviews star stars testimonial testimonials
forum: board forum conversation message messages subject thread threads topic
question: accordion answer answers faq faqs qa question questions
user: member nick nickname poster user username users
signature: sig signature
quote: blockquote pullquote quote quotes
vote: count counter karma like likes score stats views vote votes
action: action actions btn button buttons cta link links more tool tools
widget: block blocks module panel widget widgets
card: card cards teaser teasers tile tiles
grid: archive catalog collection collections column columns feed grid listing list listings loop results row
hero: cover hero jumbotron
main: main maincontent primary
document: doc docs document documentation page wiki
code: code codehilite highlight highlighter sourcecode syntax
note: admonition alert callout note notes notice tip tips warning
hidden: hidden hide invisible sr visually
brand: brand branding logo
language: lang language languages locale locales translate
legal: copyright disclaimer legal license terms policy privacy
print: download email pdf print
tab: collapse collapsed collapsible expandable pane tab tabpanel tabs tabbed
recipe: directions ingredient ingredients instructions recipe
place: address hours location map phone tel
edit: edit editsection permalink anchor report flag
footnote: footnote footnotes reference references reflist citation citations bibliography
job: apply company job jobs
section: container inner outer section wrap wrapper region
live: breaking live ticker
lines: gutter lineno linenos linenumber linenumbers lnum blobnum
"""

_VOCABULARY = vocabulary(_KINDS)
KINDS = list(_VOCABULARY)
BIT = {kind: 1 << number for number, kind in enumerate(KINDS)}
WORDS = {word: BIT[kind] for kind, words in _VOCABULARY.items() for word in words}
WORD_TABLE = hash_table(WORDS, 2048)
ROLES = {
    "navigation": "navigation", "menu": "navigation", "menubar": "navigation", "tablist": "navigation", "toolbar": "navigation",
    "directory": "navigation", "banner": "frame", "contentinfo": "frame", "complementary": "side", "alertdialog": "popup",
    "dialog": "popup", "search": "search", "form": "form", "main": "main", "article": "article", "note": "note",
    "tabpanel": "tab",
}  # fmt: skip
ROLE_TABLE = hash_table({role: BIT[kind] for role, kind in ROLES.items()}, 64)

# What the elements are, as bits of another mask.
TAG_KINDS = {
    "p": "p", "item": "li", "list": "ul ol dir menu", "table": "table", "cell": "td th", "heading": "h1 h2 h3 h4 h5 h6 hgroup",
    "figure": "figure", "caption": "figcaption caption", "quote": "blockquote q", "nav": "nav", "header": "header",
    "footer": "footer", "aside": "aside", "form": "form fieldset search", "main": "main", "article": "article",
    "section": "section", "address": "address", "details": "details", "summary": "summary", "term": "dt dd",
    "pre": "pre listing textarea", "control": "button option optgroup select label legend input", "terms": "dl", "time": "time",
    "image": "img picture",
    "strong": "b strong", "code": "code kbd samp", "link": "a", "emphasis": "em i cite", "span": "span", "div": "div",
}  # fmt: skip
TAG_BIT = {kind: 1 << number for number, kind in enumerate(TAG_KINDS)} | {"custom": 1 << len(TAG_KINDS)}
ELEMENT_KIND = np.zeros(NUMBERS, np.int64)
ELEMENT_KIND[len(ELEMENTS) + 1 :] = TAG_BIT["custom"]
for _kind, _names in TAG_KINDS.items():
    for _name in _names.split():
        ELEMENT_KIND[ELEMENTS[_name]] = TAG_BIT[_kind]

# What stands apart from the cells of its row: the parts that are a page's frame, and what is measured as a whole.
_PART_ELEMENTS = ("nav", "header", "footer", "aside", "form", "main", "article", "list", "terms", "table")
PART_ELEMENTS = sum(TAG_BIT[kind] for kind in _PART_ELEMENTS)
_PART_NAMES = ("navigation", "frame", "side", "advert", "breadcrumb", "pager", "sharing", "related", "consent", "popup")
PART_NAMES = sum(BIT[kind] for kind in (*_PART_NAMES, "newsletter", "login", "skip", "main"))
