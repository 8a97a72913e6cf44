"""Where the numbers of a page under scan stand: cells of `state`, columns of `stack`, `blocks` and `elements`, bits of kinds.

Kernels share plain arrays instead of objects: numba counts references to every array in a tuple or class at each call,
which at a tag every fifteen bytes cost more than the work itself (460 against 150 ns a tag, measured).
"""

# ---------------------------------------------------------------- state: int64 [STATE_CELLS]

OUT = 0  # next free byte of the text buffer
HIDDEN_OUT = 1  # ... of the buffer of hidden text
BLOCKS = 2  # rows in use
ELEMENTS = 3
RULES = 4  # taken from the page's sheets
STEPS = 5  # work beyond walking once over the bytes
PROBLEMS = 6
TITLE_START = 7  # bytes of the first <title>'s content; END 0: none yet
TITLE_END = 8
DEPTH = 9  # row of the innermost open element
FLATTENED = 10  # elements beyond the depth bound that are open
GAP = 11  # white space was read and not yet written
HIDDEN_GAP = 12
UNSEEN_BREAK = 13
PENDING = 14  # what the next visible character begins: nothing, a cell, a block
LINE_START = 15  # where the line began: no blank is written there
ITEM = 16  # the next block is the first of its list item
TERM = 17  # ... of its <dt> (IS_TERM) or <dd> (IS_DEFINITION)
BLOCK_START = 18  # -1: no block is open
BLOCK_CHARS = 19
BLOCK_LINKS = 20
BLOCK_KIND = 21
BLOCK_GROUP = 22
BLOCK_PART = 23
BLOCK_ROW = 24
BLOCK_CELL = 25
CELL_START = 26  # where the last cell of the open block began, and what the block was till then
CELL_CHARS = 27
CELL_LINKS = 28
CELL_KIND = 29
CELL_GROUP = 30
GROUPS = 31  # counters
ROWS = 32
CELLS = 33
REASONS = 34  # of the last start tag: reasons to be hidden, from its own attributes and the page's sheets
ANEW = 35  # ... reasons on which it has its say, either way
NAMES = 36  # ... kinds of parts.py that class, id and role say it is
PRESENT = 37  # ... bits of the attributes that were there
SELF_CLOSING = 38
SCRIPT_TYPE = 39  # ... what its type says of a script, values of html_names
INLINE = 40  # ... what its style attribute says
MODE = 41  # how text is read just now, bits of html_text
HIDDEN_LINE = 42  # where the line of hidden text began
SAID_OUT = 43  # next free byte of the buffer of what markup says
SHAPE = 44  # of the last start tag: a hash of its first class
BLOCK_ELEMENT = 45
BLOCK_INLINE = 46  # inline elements that the open block holds: kinds of elements, kinds of names
BLOCK_INLINE_NAMES = 47
NEXT_INLINE = 48  # ... and what opened since the last break, before the block begins
NEXT_INLINE_NAMES = 49
WITHOUT_SCRIPTS = 50  # <noscript> is shown
SIGNALS = 51  # ... of the last start tag: bits of signals.py that its attributes gave
SIGNAL_ROWS = 52  # rows in use of the table from SIGNAL_AT on
SIGNAL_AT = 53
MOST_SIGNALS, SIGNAL_COLUMNS = 128, 3  # bits, where its name and attributes (JSON-LD: content) begin and end
RAW_END = SIGNAL_AT + MOST_SIGNALS * SIGNAL_COLUMNS  # where the end tag of the open element of RAW_UNSEEN begins; 0: none is open
RAW_DEPTH = RAW_END + 1  # ... and DEPTH and FLATTENED as its start tag left them
RAW_FLATTENED = RAW_END + 2
NO_END = RAW_END + 3  # the element whose start tag was read has no end tag
IS_XML = RAW_END + 4  # the page is XHTML by its type: `/>` ends an element, <![CDATA[ ]]> is text
ORDINAL = RAW_END + 5  # one more than the number that `start` or `value` of the last start tag says; 0: neither does
CLASS_START = RAW_END + 6  # its class value
CLASS_END = RAW_END + 7
ITEM_NUMBER = RAW_END + 8  # of the list item that begins, one more than its number, its style above; 0: its list has none
BLOCK_LANGUAGE = RAW_END + 9  # LANGUAGE of the open block
STREAMS = RAW_END + 10  # some place of the page waits for a segment that comes later
HIDINGS = RAW_END + 11  # elements so far that hide what would be seen without them
HIDING_FROM = RAW_END + 12  # HIDDEN_OUT where the last of them began
HIDING_BY_STYLE = RAW_END + 13  # whether that one hides by style or attribute, and not as what it is
MOST_HIDDEN = RAW_END + 14  # the most bytes that one of those by style hides
MOST_HIDING = RAW_END + 15  # ... and which of HIDINGS it is
OPENED = RAW_END + 16  # of HIDINGS, the one that is shown all the same; 0: none; ALL_SEEN_LATER: what fades in, everywhere
CONTROLLED = RAW_END + 17  # ids that links and buttons of the page name
IS_SEGMENT = RAW_END + 18  # whether the id of the last start tag is that of a segment
OPENING = RAW_END + 19  # what is hidden as fetched and meant to be read is shown
LIST_TYPE = RAW_END + 20  # the one byte that `type` of the last start tag is; 0: it says more, or nothing
NEXT_END = RAW_END + 21  # for each unseen element, where its next end tag begins; 0: not looked for
MOST_UNSEEN = 15
LAST_OPEN = NEXT_END + MOST_UNSEEN + 1  # from here on, for every element number, the row of the innermost open one

ALL_SEEN_LATER = -1
NOTHING, CELL, BLOCK_BREAK = 0, 1, 2  # values of PENDING
TOO_DEEP, MANY_ATTRIBUTES = 1, 2  # bits of PROBLEMS

# ---------------------------------------------------------------- stack: int64 [max_depth + 2, STACK_COLUMNS]; row 0 is the page

TAG = 0  # 0 for an entry whose end tag has come but could not be popped (a link around a block)
SAME_BELOW = 1  # row of the next open element of this name
HIDDEN_BY = 2  # reasons of html_style to be hidden
PREFORMATTED = 3
LINK = 4  # within a link with an address, or a control
NOT_TEXT = 5  # within <svg>: 1; in a style or script of <svg> or <math>, which markup does not say either: 2
GROUP = 6  # number of the outermost list, the table or the <pre>: lines of one group stand close together
IN_LIST = 7  # how many lists are open around (DEPTH_OF_LIST), at most DEEPEST_LIST, and whether a <dl> is (IN_TERMS)
PART_AT = 8  # row of the innermost element that is a part of the page by its name
HEADING = 9  # 1 to 6
ROW_AT = 10  # stack row of the innermost <tr>, 0 outside tables
ROW_NUMBER = 11  # number of that <tr> in the page
CELL_NUMBER = 12
ROW_IS_BLOCKS = 13  # on the <tr>'s own entry: some cell holds more than a line, so cells are blocks, not columns
SCOPE_AT = 14  # rows of the innermost barriers
LIST_SCOPE_AT = 15
TABLE_SCOPE_AT = 16
BLOCK_AT = 17
FOREIGN_AT = 18  # row of the innermost <svg> or <math>
TEXT_AT = 19  # where the text stood when a link began
ELEMENT_AT = 20  # row in `elements` of the innermost one that is a block
OWN_REASONS = 21  # to be hidden, of the element itself, and those on which it has its say
OWN_ANEW = 22
CHILDREN = 23  # of an element of MathML that were opened so far
BRACES = 24  # that its end closes
COUNT = 25  # on a list's own entry, its last number; on a row's, its cells so far; on a table's, whether it has columns
LIST_AT = 26  # row of the innermost list
WRITTEN = 27  # on a <tr>'s own entry: separators of its line
NUMBERS_AT = 28  # IS_NUMBERS: the element is named as line numbers; BESIDE_NUMBERS: a cell of this row was
LANGUAGE = 29  # where the page names the language of the code, 0: it does not
STYLE = 30  # on an <ol>'s own entry, a style of numbers
STACK_COLUMNS = 31
DEEPEST_LIST, DEPTH_OF_LIST, IN_TERMS = 8, 15, 16
NO_NUMBERS = -2  # COUNT of a list without numbers
IS_NUMBERS, BESIDE_NUMBERS = 1, 2

# ---------------------------------------------------------------- blocks: int64 [tags, BLOCK_COLUMNS], one line or paragraph each

START, END, CHARS, LINKS, KIND, GROUP_OF, ELEMENT_OF, INLINE_KINDS, INLINE_NAMES, LANGUAGE_AT = range(10)
BLOCK_COLUMNS = 10

LEVEL = 7  # the lowest three bits of KIND: the level of a heading
IS_ITEM, IS_TERM, IS_DEFINITION, IS_PRE, IS_CELL, IS_ROW = 8, 16, 32, 64, 128, 256  # IS_CELL: a line of a table; IS_ROW: of cells
LIST_DEPTH, ITEM_NUMBER_AT, STYLE_AT = 9, 16, 48  # bits of KIND from which on an item has its depth, from 0, its ITEM_NUMBER, and
ITEM_NUMBER_BITS = (1 << (STYLE_AT - ITEM_NUMBER_AT)) - 1  # the style of that
DECIMAL, LOWER_LETTERS, UPPER_LETTERS, LOWER_ROMAN, UPPER_ROMAN = range(5)  # styles

# ---------------------------------------------------------------- elements: int64 [tags, ELEMENT_COLUMNS]; row 0 is the page

PARENT, NUMBER, OWN_NAMES, OWN_SHAPE, LEVEL_OF = range(5)  # the number of the element's name; LEVEL_OF: how deep it stands
ELEMENT_COLUMNS = 5
