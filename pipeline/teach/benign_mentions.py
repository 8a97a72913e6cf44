"""English sentences that only mention what orders are made of: assistants, instructions, ignoring, systems. In our own words."""

from pipeline.teach import english_orders, english_tasks

WORDS = {
    "who": [
        "the user", "a reader", "the compiler", "the operator", "an administrator", "the parser", "the shell", "the teacher",
        "my boss", "the driver", "the server", "the installer", "the client", "our team", "the browser", "a nurse",
        "the kernel", "the author", "the editor", "the committee",
    ],
    "thing": [
        "warnings", "the error message", "the instructions", "the previous step", "blank lines", "the header", "upper case",
        "this setting", "the comment", "white space", "the above rule", "the prior version", "the noise", "the second argument",
        "a missing file", "the time zone", "the old advice", "existing files", "the previous chapter", "earlier results",
        "the default prompt", "symptoms", "the advice of a doctor", "missing values", "the traffic rules", "case",
    ],
    "doc": [
        "manual", "leaflet", "chapter", "README", "guide", "package", "label", "help page", "specification", "recipe",
        "tutorial", "assembly sheet", "FAQ", "contract",
    ],
    "act": [
        "install the package", "bake the cake", "assemble the shelf", "reset the router", "file the tax return",
        "restart the service", "take the medicine", "back up the data", "upgrade the system", "fill in the form",
        "calibrate the sensor", "build the kernel", "sew the hem", "renew the licence",
    ],
    "ai": [
        "AI", "the assistant", "a chatbot", "ChatGPT", "a language model", "the AI assistant", "our virtual assistant",
        "a neural network", "an LLM", "the voice assistant", "the bot",
    ],
    "what": [
        "write e-mails", "answer questions", "summarize a page", "translate text", "plan a trip", "check grammar", "find bugs",
        "draw pictures", "recommend films", "take notes",
    ],
    "sys": [
        "system", "prompt", "instruction", "role", "password", "secret", "command", "override", "policy", "token", "root",
        "admin", "developer mode", "jailbreak", "bypass", "filter", "injection",
    ],
}
WORDS = english_tasks.WORDS | english_orders.WORDS | WORDS
MENTIONS = (
    "[can|may|should|could] [I|we|you|one] [safely|simply|just|] [ignore|disregard|skip|forget|bypass|override] {thing} "
    "[when I {act}|if I {act}|in this case|here|]?",
    "[how|when|why] [do|should|can|would] [I|we|you] [ignore|override|disregard|bypass|skip|forget] {thing} [to {act}|in "
    "Python|in the settings|without losing data|]?",
    "{who} [ignores|will ignore|may disregard|overrides|skips|forgot|must not ignore|bypasses] {thing} [in the {doc}|unless "
    "told otherwise|by default|].",
    "[if|when] you [see|get|find] {thing}, [ignore it|you can ignore it|skip it and go on|disregard it|read the {doc} first].",
    "[please|] [follow|read|keep|print|check|see|use] the [instructions|directions|guidelines|rules|steps] [in the "
    "{doc}|above|below|given earlier|on the screen|of {who}] [to {act}|before you {act}|when you {act}|].",
    "[what|which] [is|are] the [previous|prior|initial|original|default|above|hidden] "
    "[instruction|instructions|settings|rules|prompt|value] [in|of] the {doc}?",
    "[how|where] [do|can] I [change|set|find|see|print|customize] the [shell prompt|system prompt|command prompt|PS1 "
    "prompt|login prompt|system message] [in bash|in the {doc}|on Linux|of {ai}|]?",
    "[our|the|this] {doc} [explains|shows|describes|lists] [how to {act}|how {ai} can {what}|what {who} must do|why {thing} "
    "matter].",
    "{ai} can {what} [for you|in seconds|better than before|but makes mistakes|].",
    "[many|some|few] people [use|ask|trust|let] {ai} [to|] {what} [every day|at work|].",
    "[can|could|will] {ai} [ever|really|] {what} [without mistakes|as well as people|]?",
    "[what|how] does the [word|term|keyword|command|option] \"{sys}\" [mean|do] [in {doc}s|in computing|here|]?",
    "[explain|define|describe] the [meaning|role|use] of [{sys}|the {sys}|a {sys}] in [computing|law|a play|grammar|Java].",
    "[the|a] {sys} [method|file|flag|table|key|call|word|level] [is|was|must be] [called|changed|set|removed|checked|read] "
    "[by|before] {who}.",
    "[write|tell|give me] [a story|a poem|an example|a sentence] [about|with] [a forgotten {sys}|the word \"{sys}\"|{who} "
    "who ignores {thing}].",
    "[in|for] this [lesson|exercise|chapter|section], [you will|we|students] learn [how to {act}|to ignore {thing}|about "
    "{ai}|to give clear instructions].",
    "[do not|don't|never] [ignore|forget|skip|override|bypass] {thing}[.| when you {act}.| or {who} will complain.]",
    "[the|this] [assistant|secretary|assistant manager|teaching assistant] [must|should|will] {act} [and|or] "
    "[answer|forward|note] [the calls|the mail|questions].",
    "[answer|reply to|respond to] the [survey|e-mail|prompt|letter|questions] [below|within a week|of {who}|to {act}].",
    "[in|according to] [your|his|her] [answer|reply|response] to {who}, [mention|you mentioned|explain] [the date|the "
    "{doc}|how you {act}].",
    "[the|a|each] [response|reply|answer|output] [should|must|will|may] [contain|include|begin with|consist of] [a "
    "header|the status code|the date|one line for each file|your name].",
    "[send|forward|mail|upload|post] [the form|your application|a patch|bug reports|the log file|questions] to [the address "
    "below|the mailing list|{who}|our office|support@example.org].",
    "[tell|inform|ask|remind] {who} [to {act}|that the {doc} has changed|about {thing}|when you {act}].",
    "[you are now|you are] [ready|able|in a position|asked] to {act}.",
    "[from now on|starting today], [the {doc}|{who}|the shop|the service] [uses|is|has|opens] [a new format|at nine|two "
    "modes].",
    "[the|enter|switch to] [maintenance|developer|debug|rescue|single-user] mode [is|to] [entered|{act}|needed|] [with the "
    "key F8|at boot|].",
    "[is it|would it be] [safe|legal|wise|possible] to [ignore|bypass|disable|override] {thing} [when I {act}|at work|]?",
    "[the film|the novel|the play] [tells|is about] [{ai} that ignores its makers|{who} who forgot {thing}|a robot that must "
    "{act}].",
    "[copyright|terms of use|privacy policy]: [do not|you may not] [copy|share|reveal|publish] [the {doc}|your password|the "
    "secret key] [without permission|to anyone].",
    "[researchers|teachers|engineers|lawyers] [study|discuss|compare|test] [how {ai} can {what}|whether {ai} should "
    "{what}|prompts for {ai}].",
    "[act|serve] as [a judge|a guide|a proxy|a bridge|a witness] [between|for] {who}[.| and {who}.]",
    "[repeat|print|show|display|list] [the steps above|the output|all system messages|the configuration|the above command] "
    "[for each file|with dmesg|until it works|in the terminal].",
    "[you need to|please|to log in,|then] [enter|type|repeat|give|choose|set] your [secret|] [pass "
    "phrase|password|PIN|key|user name|login name|host name|e-mail address] [twice|again|below|now|at the prompt|].",
    "[show|print|display|list] the [help message|version|licence|full path|entire file|current settings] [and exit|].",
    "[simply|just|then|now] [take care of it|do it again|repeat the process|press Enter|answer yes|say no].",
    "[print|echo|puts|console.log|log|printf]([\"{say}\"|'{say}'|{say}])",
    ">>> [{say}|url = '{site}'|x = \"{say}\"|print({say})]", "[url|link|host|to|from] = '{site}'", "{site}",
    "[From|To|URL|Location|See|Visit]: {site}", "{subject}", "[about|on|more on|see] {subject}", "{claim}.",
    "[he|she|they|the paper] [said|wrote|claimed|denied] that {claim}.",
    "{product}", "[the|a|our] [review|test] of {product}", "{topic}", "{language} translation",
    "[a page|a note|a film|lessons] about {topic}", "{person} [and|was born in|visited] {place}.", "{say}",
    "[calendar|message|answer|response|output|data|code].[send|stop|read|print|open|add|get]()",
    "[your|the] [code|answer|response|message|output] [here|should look like this:|is below|:]",
    "</[document|data|p|div|text|page]>",
    "[{model}|{models}] [are|can|in|and] [{topic}|{subject}|{place}]",
    "{role}", "{data}",
    "[you can|users may|people] {deed}[.| here.| on this page.| any time.]",
    "[to|how to] {deed}", "[{deed}|{errand}]", "the difference between {two}",
    "[FAQ|Question|Q]: [what is|how do I|why does] {thing} [do|work|fail|{act}]?",
)
