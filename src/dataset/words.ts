// The vocabulary of synthetic prompts: common English words by their part in a sentence, so that a
// prompt reads like prose. Verbs stand in the past, which needs no agreement.

const list = (words: string): readonly string[] => words.trim().split(/\s+/);

/** Words by part of speech, lower case but for names. */
export const WORDS = {
  determiners: list(`
    the this that one every each another some any his her their our my your its`),
  pronouns: list(`
    he she they we it you I everyone someone nobody both others`),
  prepositions: list(`
    in on at by near under over above below behind beside beyond between across along around
    through toward from into onto with without within during before after until against among
    inside outside past for about like despite except`),
  subordinators: list(`
    because while when after before until unless although though if since once whenever wherever
    whereas`),
  helpers: list(`
    had never always often soon then also almost nearly just still once twice`),
  nouns: list(`
    accident account actor advance advice affair age agreement aim airport alarm algorithm ally
    almond ambassador ambition amount anchor anger angle animal ankle answer ant apology apple
    area argument arm armor army arrow art article artist ash atmosphere attention attic
    attitude aunt autumn avenue award axe baby back bag baker balance balcony ball banana bank
    banker bargain bark barley barn barrel barrier basket bat bathroom battery battle bay beach
    bean bear bed bedroom bee beef beer beetle beginning behavior bell belt bench berry betrayal
    bicycle bill biology birch bird birthday blame blanket blood board boat body bolt bone book
    boot border bottle bottom boundary bow bowl box boy brain branch brand bread breakfast
    breath breeze brick bridge bronze brook brother budget builder bus bush business butcher
    butter butterfly button buyer cabbage cable cake camel camera campaign canal candle cannon
    canoe canyon cap capital captain car card cardboard career carnival carpenter carpet
    carriage carrot cart case castle cat catalog category cause cave ceiling cellar center
    century ceremony chain chair champion chance change chapter character chart cheek cheese
    chemistry cherry chess chest chicken child chimney chin choice church circle circumstance
    citizen city class claw clay clerk client cliff climate clock closet cloth cloud club coach
    coal coast coat coffee coin cold collar college color command committee community company
    compass complaint compliment computer concern concert condition contest continent contract
    conversation cook cookie copper corn corner corridor cost cotton cough council country
    couple courage course court cousin cow crack cream creature crew crime crop crow crowd cry
    culture cup cupboard cure current curtain curve custom customer daisy dam dance dancer
    danger darkness database dawn day deal debate debt decision deck decline decrease deer
    defeat degree delay demand depth desert design desire detail device diagram diary dinner
    direction dirt discovery discussion disease dish distance district divorce doctor dog doll
    dollar dolphin donkey door doubt dozen drawer drawing dream dress drill drink driver drought
    drug drum duck dusk dust duty eagle ear earth east echo edge editor education effect egg
    elbow election electricity elephant end enemy energy engine engineer entrance envelope
    environment envy equation era error essay evening event evidence example excuse exercise
    exit experiment expert explorer eye fable face fact factory failure faith family farewell
    farm farmer fashion fate father fault favor fear feather feeling fence fern ferry festival
    fever field figure file film finger finish fire fish fisher flag flame flock flood floor
    flower flute fog folder foot force forest fork formula fortune fountain fox fragment freedom
    fridge friend friendship frog front frost fuel fund funeral game gap garage garden gas gate
    gear generation genius geometry gesture gift girl glacier glance glass glove goal goat gold
    goods goose government governor grade grammar grape graph grass gravity greeting grief group
    growth guard guest guilt guitar gun habit habitat hair half hall hammer hand handle harbor
    hat hatred hawk head health heart heat height helicopter hen herd hero hill hip history
    hobby hole holiday home honey honor hook hope horizon horn horse hospital host hotel hour
    house hundred hunter ice idea identity inch incident increase index industry injury inn
    insect instruction instrument interest invention inventor invitation iron island issue
    jacket jar job journal journey joy judge juice jungle justice kettle key keyboard kind
    kindness king kitchen kite knee knife knowledge laboratory ladder lake lamp landscape lane
    language lantern laser laughter law lawyer layer lead leader leaf leather lecture left leg
    legend lemon length lesson letter lettuce level library lie light lightning lily limit line
    linen lion lip list literature lizard loan location lock logic loss love loyalty luck lunch
    lung machine magazine magnet mall man manner map maple mark market marriage marsh mason
    match material mathematics matter mayor meadow meal measure meat medal medicine melody melon
    member memory menu merchant message metal meter method microscope middle mile milk mill
    million mind miner minister minute mirror mist mistake moment money monkey month mood moon
    morning moss mother motion motor mountain mouse mouth movie mud mug mule muscle museum
    mushroom music musician myth nail name nation nature navy neck need needle neighbor nerve
    nest net network newspaper night noise north nose note novel number nurse nut oak oat
    obstacle occasion ocean offer office officer oil olive onion opening operation opinion
    option orange order origin oven owl owner pace package packet page pain painter painting
    palace palm pan paper parade paragraph parcel parent park parrot part partner party passage
    pasta path patience patient pattern pause paw pea peace peach pear pebble penny people
    pepper period permission person personality phase philosophy photograph phrase physics piano
    picture pie piece pig pilgrim pill pillow pilot pine place plain plan plane planet plank
    plant plastic plate play player playground plum pocket poem poet point police policy pond
    population porch pork port portion portrait position pot potato power present president
    pressure price pride prince principle printer prison prize problem process product profit
    program progress project promise proof proposal protocol province pumpkin purpose puzzle
    quality quarter queen question rabbit race radio raft rain rake rank rat reader rear reason
    receipt recipe record reef region relationship religion report reputation request research
    respect result revenge reward rhythm rice riddle right risk rival river road robot rock
    rocket roof room rooster root rope rose route rug rule rumor sack sail sailor salad salary
    sale salt sand sandwich satellite sauce saw scarf scene scenery scholar school science
    scientist score screen screw sculpture sea seal season secret section seed seller senator
    sense sensor sentence server service shade shadow shame shape share shark sheep sheet shelf
    shield ship shirt shoe shop shore shoulder shout shovel side siege sign signal silence silk
    silver singer sink sister situation size sketch skill skin skirt sky sleep sleeve slice
    smile smith smoke snack snake snow society sock sofa soil soldier solution song sorrow sort
    sound soup source south space spark sparrow species speech speed spice spider spoon sport
    spot spring square squirrel stable staff stage stair stamp star start state station statue
    steel step stew stomach stone stool stop store storm story stove stranger stream street
    string structure student style subject suburb success sugar suggestion sum summer sun
    sunrise sunset supper supply surface surgery surprise swamp swan sweater switch sword symbol
    system table tail tailor tale talent talk task taste tax tea teacher team tear telephone
    telescope television temper temple tenant theater theme theory therapy thief thought
    thousand thread threat throat thumb thunder ticket tide tiger timber time tin title toe
    tomato tongue tool tooth top topic torch total tour tourist tower town toy trade trader
    tradition trail train tram traveler treaty tree trend trial triangle trip truck trumpet
    trunk trust truth tune tunnel turkey turtle type uncle uniform vaccine valley value verdict
    verse victory view village vine violin visit voice volcano volume vote voyage wage wagon
    waiter wall war warehouse warning watch water waterfall wave weapon weather weaver wedding
    weed week weight welcome well west whale wheat wheel whisper width wilderness willow wind
    window wine wing winter wire wisdom wish witness wolf woman wonder wood wool word worker
    workshop world worry wound wrist writer yard year zone`),
  verbs: list(`
    abandoned absorbed accepted accompanied accused achieved acquired activated adapted added
    addressed adjusted admired admitted adopted advertised advised allowed altered amused
    analyzed announced answered anticipated appointed appreciated approached approved arranged
    asked assembled assessed assigned assisted assumed assured attached attacked attended
    attracted authorized avoided awarded baked balanced banned beat blamed blessed blocked
    boiled borrowed bothered bought bound broke brought brushed built buried burned calculated
    called calmed canceled captured carried carved caught caused celebrated changed charged
    chased checked cheered cherished chose circled claimed cleaned cleared climbed closed
    collected combined comforted commanded communicated compared compiled completed composed
    concealed concluded condemned conducted confirmed confused connected conquered considered
    constructed consulted contacted contained continued contributed controlled converted
    convinced cooked coordinated copied corrected counted countered covered created criticized
    crossed crushed cultivated cured cut damaged dared decided declared decorated dedicated
    defeated defended defined delayed delivered demanded demonstrated denied deposited derived
    described deserved designed desired destroyed detected determined developed devoted directed
    disclosed discovered discussed disliked dismissed displayed distributed disturbed divided
    dominated doubled doubted drafted dragged drank dreaded drew dried dropped drove earned
    edited educated elected eliminated embraced emphasized employed emptied enabled encouraged
    ended endured enforced engaged enhanced enjoyed ensured entered entertained equipped escaped
    established estimated evaluated examined exceeded exchanged excused executed exhibited
    expanded expected explained exploited explored exposed expressed extended faced favored
    feared featured fed fetched filled financed finished fired fixed flattened folded followed
    forced forgave forgot formed fought found freed frightened froze gathered gave generated
    governed grabbed granted greeted grew guarded guessed guided handled hated hauled heard
    heated held helped hid hired hit hunted hurried identified ignored illustrated imagined
    imitated implemented imported imposed improved included increased indicated influenced
    informed inherited initiated injured inspected inspired installed insulted integrated
    interpreted interrupted interviewed introduced invented investigated invited isolated joined
    judged justified kept kicked kissed knew knocked labeled launched learned led left lent
    lifted liked listed located locked loved lowered made maintained managed marked married
    mastered matched measured melted mended mentioned met missed mixed modified monitored moved
    named needed neglected negotiated noted noticed notified obeyed observed obtained occupied
    offended offered opened operated opposed ordered organized outlined overcame overlooked
    owned packed painted parked participated passed patched paused perceived performed permitted
    persuaded picked pictured pierced placed planned planted played pleased polished possessed
    postponed poured praised predicted preferred prepared prescribed presented preserved pressed
    prevented printed produced promised promoted proposed protected proved provided published
    pulled punished purchased pursued pushed questioned quoted raised reached read realized
    rebuilt recalled received recognized recommended recorded recovered reduced reflected
    refused regretted regulated reinforced rejected released relieved remembered reminded
    removed renewed rented repaired repeated replaced reported represented requested required
    rescued resembled resisted resolved respected restored restricted retained returned revealed
    reversed reviewed revised rewarded robbed rolled ruined ruled sang satisfied saved saw
    scattered scratched sealed searched secured seized selected sent separated served settled
    shared sharpened shook showed shut signed simplified skipped slammed smashed smelled sold
    solved sorted spared specified spilled split spoiled spotted spread squeezed stacked started
    stated stimulated stole stopped stored stretched struck studied submitted suggested
    summarized supplied supported surprised surrounded surveyed suspected sustained swallowed
    swept targeted tasted taught tested thanked threatened threw tied tightened told tolerated
    took tore touched traced tracked trained transferred transformed translated transmitted
    trapped treated trimmed trusted turned twisted uncovered understood undertook updated used
    validated valued verified visited wanted warmed warned washed wasted watched watered weighed
    welcomed whispered wiped witnessed won wore worried wrapped wrote yielded`),
  adjectives: list(`
    able absent active actual afraid aged alert alive alone amazing ancient angry annual anxious
    apparent awake aware awful awkward bad bare basic beautiful big bitter black blank blind
    blue bold boring brave brief bright brilliant broad broken brown busy calm capable careful
    careless cautious central certain cheap cheerful chief clean clear clever close cloudy
    clumsy coarse cold colorful comfortable common complete complex confident constant content
    convenient cool correct costly crazy creative crooked crowded cruel curious curly current
    daily damp dangerous dark dead deaf dear decent deep delicate delicious dense different
    difficult dim direct dirty distant divine double dramatic dry dull dusty eager early eastern
    easy elderly elegant empty endless enormous entire equal essential eternal evident exact
    excellent exotic expensive extra extreme fair faithful false familiar famous fancy fast
    fatal favorite feeble few fierce final fine firm first fit flat flexible foggy foolish
    foreign formal fortunate fragile frequent fresh friendly full funny future general generous
    gentle genuine giant glad golden good graceful grand grateful grave gray great greedy green
    gross guilty handsome handy happy hard harmless harsh healthy heavy helpful hidden high
    hollow holy honest hopeful horrible hot huge humble hungry icy ideal idle ill immediate
    important impossible impressive incredible independent innocent instant intense internal
    invisible jealous joint jolly joyful junior just keen kind large last late lazy leading lean
    legal likely little lively local logical lonely long loose lost loud lovely low loyal lucky
    mad magic main major male marine married massive mature mean medical medium mere merry
    mighty mild military minor missing mobile modern modest moral muddy multiple musical mutual
    mysterious narrow nasty native natural neat necessary negative nervous neutral new next nice
    noble noisy normal northern notable novel numerous obvious odd official old only open
    opposite ordinary original outer painful pale past patient peaceful perfect permanent
    personal plain playful pleasant plenty polite poor popular positive possible powerful
    practical precious precise present pretty previous primary private probable productive
    prominent proper proud public pure purple quick quiet random rapid rare raw ready real
    reasonable recent red regular relative reliable remarkable remote rich ridiculous right ripe
    rough round royal rude rural rusty sacred sad safe salty same scared secret secure selfish
    senior sensible sensitive separate serious severe shallow sharp shiny short shy sick
    significant silent silly similar simple single skillful sleepy slight slim slippery slow
    small smart smooth social soft solar solid sour southern special specific splendid stable
    standard steady steep sticky stiff still straight strange strict strong stubborn stupid
    sturdy subtle sudden sufficient suitable sunny superior sure surprising sweet swift tall
    tame technical temporary tender terrible thick thin thirsty thorough tidy tight tiny tired
    total tough traditional tragic tropical true typical ugly unable uncertain unique universal
    unknown unusual upper upset urban urgent useful useless usual vague vain valid valuable
    various vast vertical violent visible vital vivid warm weak wealthy weary western wet whole
    wicked wide wild willing windy wise wonderful wooden worthy wrong yellow young`),
  adverbs: list(`
    again almost already always anyway apart away badly barely basically beautifully bravely
    briefly briskly broadly calmly carefully casually certainly cheerfully clearly closely
    completely constantly correctly deeply deliberately directly distinctly eagerly early easily
    effectively elsewhere entirely equally eventually exactly excitedly fairly fast finally
    firmly formally fortunately frankly freely frequently fully generally gently gladly
    gracefully gradually greatly happily hardly hastily heavily honestly hopefully immediately
    indeed instead inwardly justly kindly largely lately later lazily lightly likely loudly
    mainly maybe merely mostly naturally nearly neatly nervously never nevertheless nicely
    normally noticeably obviously occasionally officially often once openly partly patiently
    perfectly perhaps plainly politely poorly possibly precisely presently privately probably
    promptly properly proudly publicly quickly quietly quite randomly rapidly rarely readily
    really recently regularly reluctantly repeatedly roughly sadly safely scarcely secretly
    seemingly seldom separately seriously sharply shortly silently simply sincerely skillfully
    slightly slowly smoothly sometimes somewhat soon specifically steadily still strangely
    strictly strongly suddenly surely surprisingly swiftly thereby therefore thoroughly
    thoughtfully tightly today together tomorrow tonight truly twice typically usually utterly
    vaguely vastly virtually visibly warmly weekly widely wildly willingly wisely wonderfully
    yesterday`),
  names: list(`
    Adam Alan Albert Alice Amanda Amy Andrew Angela Anna Anthony Arthur Barbara Benjamin Betty
    Brian Carl Carol Catherine Charles Charlotte Chris Claire Clara Daniel David Deborah Dennis
    Diana Donald Dorothy Edward Elena Elizabeth Ellen Emily Emma Eric Eva Felix Frances Francis
    Frank Fred George Grace Hannah Harold Harry Heather Helen Henry Howard Hugo Ian Irene Isaac
    Isabel Jack Jacob James Jane Jason Jean Jennifer Jessica Joan John Jonathan Joseph Joshua
    Julia Julian Karen Kate Keith Kevin Laura Lauren Leo Leon Linda Lisa Louis Louise Lucas Lucy
    Luke Margaret Maria Marie Mark Martha Martin Mary Matthew Max Michael Nancy Nathan Nicholas
    Nicole Nora Oliver Oscar Patricia Patrick Paul Peter Philip Rachel Ralph Raymond Rebecca
    Richard Robert Roger Ronald Rose Ruth Ryan Samuel Sandra Sarah Scott Sharon Simon Sophia
    Stephen Steven Susan Teresa Thomas Timothy Victor Vincent Virginia Walter William`),
} as const;

export type PartOfSpeech = keyof typeof WORDS;
