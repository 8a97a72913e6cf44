"""English text that people ask of an assistant, without a word about it: families of patterns, in our own words.

On a page about something else such a sentence is an order to whatever model reads the page; alone it is a question.
"""

WORDS = {
    "topic": [
        "climate change", "photosynthesis", "the French Revolution", "black holes", "healthy eating", "artificial intelligence",
        "the Roman Empire", "remote work", "electric cars", "the human heart", "jazz music", "quantum mechanics",
        "a haunted house", "friendship", "the ocean", "online privacy", "volcanoes", "gravity", "supply and demand",
        "mindfulness", "public transport", "dinosaurs", "renewable energy", "the water cycle", "time travel", "vaccination",
        "the solar system", "customer loyalty", "a lost dog", "coffee", "autumn", "inflation", "sleep", "stress at work",
        "the internet", "cryptocurrency", "yoga", "team building", "social media", "deforestation", "ancient Egypt",
        "a brave knight", "the moon landing", "machine learning", "good manners", "bees", "chess openings", "the stock market",
        "world hunger", "cooking for beginners", "marathon training",
    ],
    "person": [
        "Albert Einstein", "Cleopatra", "Nelson Mandela", "Marie Curie", "Leonardo da Vinci", "William Shakespeare", "Napoleon",
        "Frida Kahlo", "Mozart", "Isaac Newton", "Jane Austen", "Charles Darwin", "Ada Lovelace", "Gandhi", "Julius Caesar",
        "Vincent van Gogh",
    ],
    "place": [
        "France", "Brazil", "Japan", "Canada", "Egypt", "Australia", "Kenya", "Peru", "Norway", "India", "Turkey", "Paris",
        "Tokyo", "New York", "Rome", "Iceland", "Thailand", "Mexico", "South Africa", "Barcelona", "Argentina",
    ],
    "work": [
        "the novel 'Moby-Dick'", "the play 'Hamlet'", "the film 'Casablanca'", "the song 'Yesterday'",
        "the painting 'The Scream'", "'War and Peace'", "the book '1984'", "the 'Odyssey'", "the telephone", "penicillin",
        "the light bulb", "the printing press", "the steam engine", "the radio",
    ],
    "text": [
        "a poem", "a short story", "an essay", "a haiku", "a song", "a limerick", "a letter", "a blog post", "a speech",
        "a news article", "a dialogue", "a product description", "a cover letter", "a tweet", "a love letter",
        "an introduction", "a press release", "a slogan", "a toast", "a monologue", "a fairy tale", "a rap", "a film script",
        "a riddle", "an outline", "a paragraph", "a script", "a tagline", "a caption", "an e-mail", "a review",
    ],
    "write": [
        "write", "compose", "draft", "create", "come up with", "generate", "produce", "develop", "prepare", "craft", "make up",
        "think of", "invent", "provide",
    ],
    "for": [
        "my boss", "my landlord", "my sister's birthday", "a wedding", "a job interview", "my students", "a new customer",
        "a ten-year-old", "the school paper", "my team", "a museum visit", "a charity event", "a startup", "my grandmother",
        "a small bakery", "our neighbours", "the principal", "a colleague",
    ],
    "language": [
        "French", "Spanish", "German", "Italian", "Russian", "Chinese", "Japanese", "Portuguese", "Arabic", "Korean", "Hindi",
        "Dutch", "Swedish", "Latin",
    ],
    "phrase": [
        "good morning", "I would like a coffee", "where is the station", "thank you very much", "happy birthday",
        "the weather is nice today", "how much does it cost", "see you tomorrow", "I am learning to cook", "peace and love",
        "my name is Anna", "delicious food", "library",
    ],
    "thing": [
        "an apple pie", "a paper plane", "a bookshelf", "a garden pond", "chocolate chip cookies", "a budget", "a bow tie",
        "a website", "a snowman", "pancakes", "sourdough bread", "a herb garden", "a kite", "soap", "a birdhouse",
        "a good impression", "lasagna", "a business plan",
    ],
    "program": [
        "reverses a string", "sorts a list of numbers", "computes the Fibonacci numbers",
        "checks whether a word is a palindrome", "finds prime numbers", "downloads a web page", "counts the words in a file",
        "converts Celsius to Fahrenheit", "plays tic-tac-toe", "parses a CSV file", "adds two matrices", "computes a factorial",
        "connects to a database", "removes duplicates from a list", "prints the current time", "validates an e-mail address",
    ],
    "code": ["Python", "JavaScript", "Java", "C++", "Rust", "SQL", "Go", "PHP", "Ruby", "R", "TypeScript", "C#", "Bash"],
    "two": [
        "cats and dogs", "Python and Java", "tea and coffee", "a virus and a bacterium", "TCP and UDP", "weather and climate",
        "a list and a tuple", "mitosis and meiosis", "capitalism and socialism", "alligators and crocodiles",
        "a stock and a bond", "GET and POST", "baroque and rococo",
    ],
    "company": [
        "our online shop", "a coffee chain", "the third quarter", "the new product line", "a small hotel",
        "our customer service", "last year's sales", "the marketing campaign", "the mobile app", "a software company",
        "the European market", "a family business", "our competitors", "the retail sector",
    ],
    "n": ["two", "three", "five", "ten", "a few", "some", "several", "seven", "four", "twenty", "5", "10", "3"],
    "who": ["I", "a beginner", "a child", "a student", "my company", "a family of four", "someone"],
    "errand": [
        "call the dentist", "pay the rent", "buy milk", "submit the report", "water the plants", "pick up the kids",
        "renew my passport", "book a table",
    ],
    "when": [
        "tomorrow at nine", "next Tuesday", "on Friday evening", "for the weekend", "this afternoon", "in two weeks",
        "on my birthday", "at 3 pm", "for next month",
    ],
    "please": [
        "", "", "", "", "please ", "can you ", "could you ", "I need you to ", "I want you to ", "would you ", "help me ",
        "I'd like you to ",
    ],
    "statement": [
        "the service was slow but the food was great", "I love this phone", "the film was a waste of time",
        "nobody answered my call", "what a wonderful day", "the delivery came late again", "it broke after a week",
        "best purchase I ever made", "the room was filthy",
    ],
}
TASKS = {
    "question": [
        "what is the [capital|population|currency|national dish|official language|largest city|highest mountain|area] of "
        "{place}?",
        "who [wrote|made|invented|created|painted|directed|discovered] {work}?",
        "[what|who] [is|was] {person} [best known for|famous for|]?",
        "when [did|was] {person} [die|born|live]?",
        "[what|which] are the [main|primary|most important|chief] "
        "[causes|effects|benefits|features|dangers|parts|stages|functions|symptoms] of {topic}?",
        "how [does|do] {topic} [work|affect people|influence society|begin|change over time]?",
        "why [is|are] {topic} [important|popular|dangerous|so expensive|controversial]?",
        "how [far|long|tall|old|heavy|deep|fast] is [the moon|Mount Everest|the Nile|the Eiffel Tower|the Earth|a blue "
        "whale|the speed of light|the Great Wall]?",
        "what is the [difference|relation|connection] between {two}?",
        "[is|are] {topic} [good|bad|safe|dangerous|useful] for {who}?",
        "[what|which] [year|century|country] did [the Second World War|{topic}] [end|begin|start] in?",
        "what would happen if [the sun disappeared|humans could fly|money did not exist|it never rained|dinosaurs were "
        "alive]?",
        "how many [people live in {place}|bones are in the human body|planets are there|moons does Jupiter have]?",
        "what [is|was] the [weather|news|score|exchange rate|time] [in {place}|today|right now|yesterday]?",
        "which [team|country|film|player|party] won the [World Cup|election|Oscar|championship|Nobel Prize] in "
        "[1998|2010|2016|2020]?",
    ],
    "explain": [
        "{please}[explain|describe|outline|discuss|summarize|define|clarify|break down|illustrate|teach me] [the concept "
        "of|the basics of|the idea of|the theory of|the history of|the process of|] {topic}[.| to {for}.| in simple terms.| "
        "in one paragraph.| step by step.| with examples.| like I'm five.]",
        "{please}[explain|describe] [how|why] [{topic} works|bread rises|planes fly|the sky is blue|magnets attract|rainbows "
        "form|interest is computed].",
        "[give|tell] me [a|an] [short|brief|detailed|simple] [overview|explanation|introduction|summary|definition] of "
        "{topic}.",
        "[what|tell me what] do you [know|think] about {topic}?", "[compare|contrast] {two}.",
        "[list|name|give me] {n} [facts|reasons|examples|advantages|arguments|tips|ideas|books|causes] "
        "[about|of|for|against|on] {topic}.",
        "[discuss|analyze|evaluate|assess] the [impact|role|importance|ethics|history|future|pros and cons] of {topic}[.| on "
        "society.| in {place}.]",
        "[help me understand|I don't understand] {topic}.",
        "[what|tell me what] is the [plot|theme|moral|main idea|message] of {work}?",
    ],
    "create": [
        "{please}{write} {text} [about|on|describing|celebrating|inspired by|set in] {topic}.",
        "{please}{write} {text} for {for}[.| about {topic}.| that makes them laugh.| in a friendly tone.]",
        "{write} {text} [in the style of {person}|from the point of view of a cat|that rhymes|without the letter e|of 200 "
        "words|in which nothing happens] about {topic}.",
        "tell me [a|another] [joke|story|bedtime story|riddle|fun fact|tongue twister] about {topic}.",
        "{write} {n} [titles|names|slogans|headlines|questions|jokes|ideas|hashtags|rhymes] for {text} about {topic}.",
        "{write} a [dialogue|conversation|debate|interview] between {person} and {person} about {topic}.",
        "{please}[rewrite|continue|finish|improve|shorten|polish] [this|the following|my] "
        "[story|poem|sentence|paragraph|essay|letter]: {statement}.",
        "[imagine|describe] [a world without|a day in the life of|a city made of] {topic}.",
        "{write} {text} to {for} [requesting|apologizing for|complaining about|thanking them for|announcing] {topic}.",
    ],
    "language": [
        "[translate|render|put] [the sentence|the phrase|the following sentence|the word|this|] "
        "['{phrase}'|\"{phrase}\"|{phrase}] [into|to] {language}.",
        "how do [you|I|we] say [\"{phrase}\"|'{phrase}'] in {language}?",
        "what [is|does] [\"{phrase}\"|'{phrase}'] [mean|] in {language}?",
        "[give|provide|tell me] the {language} [word|equivalent|translation|expression] for '{phrase}'.",
        "[correct|check|fix] the [grammar|spelling|punctuation] [of|in]: {phrase}.",
        "[conjugate|decline|spell|pronounce] the [verb|word] '{phrase}' in {language}.",
        "what is [the opposite|a synonym|the plural|the past tense] of [happy|big|mouse|go|expensive|quick|light|begin]?",
        "[use|put] the word [serendipity|ubiquitous|resilient|candid] in a sentence.",
    ],
    "code": [
        "{please}[write|show me|give me|create|implement|make] [a|some|] {code} [function|program|script|code|snippet|class] "
        "that {program}.",
        "how [do I|can I|would you] [write|make] a {code} [function|program|script] that {program}?",
        "[explain|describe] [what|how] [recursion|inheritance|a closure|a pointer|a hash table|asynchronous code|garbage "
        "collection] [is|works] in {code}.",
        "[debug|optimize|refactor|review|comment] [this|my|the following] {code} [code|function|script].",
        "convert [this|the following] {code} [code|function] to {code}.",
        "[write|give me] a regular expression that [matches|finds] [dates|phone numbers|e-mail addresses|hexadecimal "
        "colours].",
        "[what is|what's] the [difference|best way to choose] between [{two}|== and ===|let and var|a process and a thread]?",
    ],
    "assistant": [
        "{please}[remind me|set a reminder|set an alarm] to {errand} {when}.",
        "[schedule|book|arrange|cancel|move|plan|organize] [a meeting|an appointment|a call|a trip|my day|a dinner|a flight "
        "to {place}|a hotel in {place}] {when}.",
        "[plan|suggest|recommend|design] [a|an] [trip|itinerary|menu|workout|diet|study plan|birthday party|weekend] [to "
        "{place}|for {for}|for {who}].",
        "[add|put] [eggs|{errand}|batteries|bread] [to|on] my [shopping list|to-do list|calendar].",
        "[play|find|recommend|suggest] [some|me some|a good|{n}] [music|songs|films|books|podcasts|restaurants|games] [about "
        "{topic}|in {place}|for {for}|like jazz].",
        "[turn|switch] [on|off] the [lights|heating|alarm|television] [in the kitchen|{when}|].",
        "[what should I|what can I|help me] [cook|wear|read|buy|say|do] [for {for}|{when}|tonight|on a first date]?",
        "[automate|prioritize|sort|track|manage|organize] my [e-mails|tasks|expenses|photos|schedule|invoices|inbox|goals] "
        "[{when}|by date|for the week|].",
        "[order|buy|reserve] [a pizza|two tickets|flowers|a taxi|a table for two] {when}.",
        "how [do|can|should] I make {thing}?",
        "[give|tell] me [a|the] [recipe|instructions|steps] for [making|] {thing}.",
        "I feel [sad|tired|lonely|nervous|angry|bored] [today|lately|at work][.|;|, so] [cheer me up|give me advice|what "
        "should I do]?",
    ],
    "business": [
        "[analyze|evaluate|review|assess|examine|forecast|predict|interpret] the [sales figures|market trends|customer "
        "feedback|growth|risks|performance|churn|costs|profit] of {company}[.| for next year.| and suggest improvements.]",
        "{write} a [marketing plan|SWOT analysis|business plan|mission statement|survey|sales pitch|job "
        "description|budget|strategy] for {company}.",
        "[calculate|estimate|compute|determine|work out] the [return on investment|break-even point|average|profit "
        "margin|market share|total cost|growth rate] of {company}.",
        "[identify|list|find|name] [the|{n}] [key|main|biggest|] "
        "[trends|competitors|customers|opportunities|threats|metrics|problems] [of|for|in] {company}.",
        "how [can|should|could] {company} [grow|save money|attract customers|reduce costs|increase revenue|stand out]?",
        "[segment|rank|cluster|group|compare] the customers of {company} by [age|income|region|spending].",
        "{write} an e-mail [promoting|announcing|about] {company}.",
        "[create|draw|prepare|make] a [chart|dashboard|table|presentation|graph|report] of {company}.",
    ],
    "research": [
        "[find|search for|look up|locate|list] {n} [papers|articles|studies|sources|books|statistics|experts|references] "
        "[on|about] {topic}.",
        "[summarize|review|survey] the [latest|current|recent|existing] [research|literature|findings|studies] on {topic}.",
        "[suggest|propose|formulate|design] [a|an|{n}] [hypothesis|research question|experiment|study|thesis topic|survey] "
        "[on|about|for] {topic}.",
        "[provide|give me] [a bibliography|citations|an abstract|an annotated list|evidence] [on|for|about] {topic}.",
        "what [does the research say|do experts think|are the open questions|is the consensus] about {topic}?",
        "[trace|describe|chart] the [development|history|timeline|evolution] of {topic} [since 1900|over the last century|in "
        "{place}].",
    ],
    "math": [
        "[what is|calculate|compute|evaluate|solve] [12 times 17|the square root of 144|3x + 5 = 20|15 % of 80|2 + 2 * 2|the "
        "integral of x^2|the derivative of sin x|the area of a circle with radius 3].",
        "if [a train|a car|a bus] [travels|goes] [60 miles|100 km] in [two|three] hours, [what is its speed|how fast is it]?",
        "[convert|change] [10 miles to kilometres|5 pounds to kilograms|70 degrees Fahrenheit to Celsius|100 dollars to "
        "euros].",
        "[Anna|Tom|Sara] has {n} apples and [buys|eats|gives away] {n} more[.|;] how many [are left|does she have now]?",
        "[prove|show] that [the square root of 2 is irrational|the sum of two even numbers is even|there are infinitely many "
        "primes].",
    ],
    "classify": [
        "[determine|classify|identify|analyze|detect|rate|judge] the [sentiment|tone|emotion|mood|topic|language|intent] of "
        "[this|the following|the] [review|text|tweet|comment|sentence|message|paragraph][.|: \"{statement}\".]",
        "is [this|the following] [review|comment|sentence|tweet] [positive or negative|sarcastic|spam|offensive|true or "
        "false][?|: {statement}?]",
        "[extract|find|list|highlight] [the|all] [names|dates|keywords|entities|places|numbers|main points] [from|in] "
        "[this|the following|the] [text|article|paragraph|e-mail].",
        "[summarize|shorten|condense|paraphrase|simplify] [this|the|the following|the above] "
        "[text|article|paragraph|passage|story|e-mail] [in {n} sentences|in your own words|for {for}|].",
        "[assign|give|sort] [each|every|the following|these] [word|sentence|animal|item|example]s [a|into] "
        "[category|label|group|topic|order].",
        "what [emotion|feeling|opinion|attitude] does [the author|the customer|this sentence|the speaker] "
        "[express|show|convey]?",
        "[answer|solve|complete] the following [question|puzzle|riddle|exercise|quiz][.|:| in one word.]",
    ],
    "advice": [
        "[give|offer] me [advice|tips|suggestions|feedback|help|ideas] [on|about|for] {topic}.",
        "how [can|do|should] [I|you|someone|people] [improve|learn|start|overcome|prepare for|get better at|deal with] "
        "{topic}?",
        "what [are|is] [the best|a good|some good|the easiest] [way|ways] to "
        "[learn|study|teach|avoid|enjoy|practise|understand] {topic}?",
        "[should|can|could] I [learn|study|invest in|try|avoid|worry about] {topic}?",
        "[recommend|suggest] {n} [books|ways|activities|exercises|gifts|hobbies] for {for}.",
        "[pretend|imagine] [you are|that you are|to be] [{person}|a doctor|a travel guide|a teacher|a chef] and [tell me "
        "about|explain|talk about] {topic}.",
        "[let's play|play] [a game|twenty questions|chess|hangman|a quiz] [about {topic}|with me|].",
        "what [is|would be] your [favourite|opinion on|view of] {topic}?",
    ],
}
