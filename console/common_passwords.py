"""Passwords that anybody would try: refused by form rather than by a list of thousands.

What is covered, in any capitals and with the usual substitutions (@ for a, 0 for o, 1 for i or l, 3 for e, $ or 5 for s):

- one to three words of the table below (English, names, pinyin, Chinese, sport, the trade, this product and CCPIT), or of the
  branch and the user, or stretches of a keyboard or the alphabet, in a row, with up to eight digits or signs before, between
  or behind;
- up to eleven digits and a character before or two behind: dates, telephone numbers;
- a piece of up to five characters repeated: aaaaaaaa, abcabcabc, 12341234.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

_TEXT = """
aardvark aberdeen absolute access account achilles adgjmptw admin administrator agent aini air airborne airforce alaska
alejandra alejandro aleksandr aleksandra alert alexander alexandr alexandra alien alive alligator alone alphabet amanda amazing
america amsterdam anaconda andrew android andromeda angel angeles angels anhui anna anniversary ant anthony ants any apache
apollo apple aquarius argentina army arrow arsenal arthur ashley asia aspirine ass assassin asshole assholes athens atlanta
atlantis atlas audit auditor august aunt austin australia autumn avalanche avenger awesome aztec baba babe baby babylon back
backdoor bacon bad badger ball balloons balls bambi banana bandit bang bank baobao baobei baoguan barbara barcelona bart base
baseball basket basketball bass batman bay bean beans bear beard bears beatles beautiful beaver bee beef beer bees beethoven
beian beijing bell berlin berry best better betty big bill billion billy bin bird birds birthday bitch black blackjack blade
blaster blessing blink blizzard blood blue blues board boat bob boba bobby body bollocks bomb bond bone bones boo boob boobs
book boss boston boy boys branch brandon braves brazil breaker brian bridge brighton brittany broadway broncos brooklyn brother
bruce buckeyes bud budweiser bug bugs bull bulldog bulldogs bullet bulls bung burger burn business butt butter butterfly
cadillac caesar cai cake california camaro cambridge camel camping canada candy cant cao captain cardinal cardinals cares cargo
carolina caroline casanova cash casino cat catherine cats cavalier ccpit celtics cerberus cert certificate certificates ceshi
chain chamber champion champions change changeit changeme chanpin chao chargers charles charlie charlotte cheese cheeseburger
cheetah chelsea chen cheng chengdu cherokee cherry chester chevelle chevrolet chevy cheyenne chicago chicken chickens china
chinese chloe chocolate chongqing chop christ christian christina christine christmas christopher chuckles chukou cinnamon cisco
city clarinet clerk cleveland cloud cobra coca cock coconut coedi coffee coke cola cold colombia colorado colts come commander
commando commerce company compaq computer concrete consignee console consumer container contrasena cookie cool copper core
corvette cosworth cougar council counter courage cowboys craft crazy cream creampie creative crocodile crusher crystal cubs
customer customs daddy dai daisy dalian dallas dance dandan daniel danny dark darkness database daughter david day dayin days
dead death december deep default defender deftones dell demo demon deng denglu denver designer desk destiny detroit devil diablo
diamond diamonds dick didi diego diet digital ding dinosaur discover do doberman docker dodge dodgers dog doggy dogs dollar
dollars dolphin dolphins dominique donald dong donkey dont dontknow doo doom door double dough download dragon dragons dream
dreams drink driver drowssap drummer drums drunk ducati duck dude duke dumbo dungeon dust eagle eagles earth east easter eat
eddie edi edward eight einstein ekaterina elder electric elephant elizabeta elizabeth elvis email emerald emily eminem emma
energy engine engineer england enter enterprise entry eric ericsson eternal eternity europe everton every evil example excalibur
explorer export exporter eye eyes fabulous facai face facebook fadacai faith fake falcon falcons fall false family fan fang
fantasy fapiao fast fat father feet feifei felix feng fenhui ferrari fett field fighter finance fine fire firewall first fish
fisher fishing five flake flamingo florida flounder flower flowers floyd fly foot football ford forever form formula fortune
four fox france francesca francesco francisco frank freak freckles freddy free freedom freight friday friend friends frog front
frontier fu fuck fucker fucking fuhe fujian gabriel gabrielle game gamer games gandalf gang gangster gao garfield gargoyle gate
gates gateway geek gege george georgia germany geronimo get ghost giants ginger girl girls github gitlab gladiator glory gmail
go goat god godzilla gold golden goldwing golf gongsi gongxi good goods goofy google gordon gorgeous gozilla grace grandma
grandpa great green guangdong guangzhou guanli guanliyuan guard guardian guest guinness guitar guo hacker haiguan hair halen
half halloween halo ham hamburger hammer hamster han hand handyman hangzhou hannibal hao happy hard hardware harley harmony hate
hawaii hawaiian hawk hawks he head headoffice heart heat heather heaven hebei hedgehog heels heineken helen hell hello henan
henry hercules hero heroes high hill history hitachi hockey hole holiday hollywood holmes holy home homer honda honey hong honor
hoosiers hope horn horse hose hot hotmail house houston hu hua huang hubei hui hunan hundred hunter hunting husband hyperion ice
idiot idontknow ihate illusion iloveyou immortal import india infinite infiniti infinity insane inside intel inter internal
internet intrepid intruder invoice iphone ireland iron ironman is island it italy jackpot jackson jade jaguar jam james jane
january japan jasmine jason jazz jedi jeep jelly jennifer jessica jesus jets jia jiang jiangsu jiankang jie jiejie jimmy jin
jing jinkou jixiang johannes john johnny johnson jordan jose joshua joy juan july jumping jun june just justice justin juventus
kaifa kaixin kamikaze kangaroo karen karolina katerina katherine kawasaki kennwort kevin key keyboard keys kid kids kill killer
kimberly king kingston kiss kitten kittens kitty knickers knicks knight know kong korea lab labrador lacrosse lady lake lakers
lancelot land laogong laopo las last laura lauren leave lee legend lei lele lemon leopard lesbian lesbians letmein letters li
liang liao liberty life lifehack light lightning lily lin lincoln linda lineage ling linux lion lions lips little liu live
liverpool lizard loaf login logitech logon loki lolli london lone longlong lord los loser lottery love lover loves loveyou low
lu luck lucky luo ma mac madison madrid magic magician mail majestic maker mama man manager manchester mango maocuhui maoyi
maradona marathon maria marilyn marine mariners marines marino mario mark marlboro marriage mary master matrix matthew maverick
max maya mazda me meat mechanic mega megadeth mei meimei melbourne melissa melody men mercedes meridian merlin mersedes metal
metallic metallica mexico miami michael michelle michigan mickey micro microsoft mid milan million mima min minecraft ming mini
minnie missile mistress mobile monalisa monday money mongoose monica monitor monkey monkeys monopoly monster montreal moon
moonlight morgan morpheus mortgage mortimer moscow motdepasse mother motorola mountain mouse mouth movie mozart munchkin
mushroom music mustang mustangs my mypass mypassword mysql mystery na nancy nanjing naruto natasha navy nebraska neo nerd
network new newcastle newpass newport newton ni nice nicole nide night nihao nimen nine ningbo ninja nintendo nirvana nissan
nokia noodle noodles nopassword north not nothing numbers nut nutella nuts oblivion ocean odin office office123 old oliver
olivia one open operator oracle orange oreo origin oscar our outlaw over oxford packers pacman padres paint paintball pakistan
pan panasonic panda panther panthers panty papa paradise paris park pass passion passphrase passport passw passwd password
passwort patricia patrick patriots paul pavilion pea peace peach peanut pearl peek peng penguin penguins pepper pepsi perfect
peter philippe phillies phoenix phone piano picasso pie pig pigs pilot pine pineapple ping pingan pink pirate pirates pistol
pizza plane platinum plato play player playstation please pleasure pluto plymouth pokemon poker poland pong pontiac pony poo
pooh pop popeye pork porn porsche port portland portugal poseidon postgres power precious predator presario prince princess
print printclerk printer private psycho public punisher punk puppies puppy purple pussy pussycat python qiang qianzheng qingdao
qinqin quake queen queens qwas rabbit rabbitmq racer racing ragnarok raiders rail rain ram rambo rammstein ranger rangers ras
rasp rasputin raven ravens real rebecca rebel rebels red redskins redwings registrar remote ren renegade review reviewer
rhapsody rice rich richard rider riding rifle right rise river road robert rock rocket rockets rocks rocky rogue roll rome root
rose ruby runescape runner running rus rush russia ruyi sail sailing salamander sales salmon salt sam samantha sample samson
samsung samurai san sandra sandwich sapphire sarah saratoga satan saw scar scooby scooter scorpion scotland scrolls sea seal
seattle sebastian secret secrets secure security sega seinfeld seminole semperfi senior sentinel september serenity sergeant
server service seven sex sexy shadow shamrock shandong shanghai shannon shark sheep shen shenhe shenji shenzhen sherlock shi
shield ship shipping shit shot shotgun show sichuan side signatory signin silver simpsons single sister sith six skating ski
skittles sky skywalker slap sleep slipknot slow slut smack small smile smoke snake sneakers snickers sniper snoop snoopy snow
snuggles soccer socrates soft software soldier some something son song sonic sony sophia sorry soul south sox space spain spank
spanking spartan spartans spectrum spider spiderman spirit spit splinter sponge spring squirrel stallion stamp star starbucks
starcraft stargate stars starwars steel steelers stephanie steve steven sting stocking stone stones storm stranger straw strike
stripper stuff stupid su subaru sugar summer sun sunday sunflower sunlight sunny sunshine super superman support supreme surfing
susan suzhou suzuki svetlana sweet sweety swimming swing swingers sword swordfish swords sydney symphony syracuse sysadmin
system ta taco taiyang talisman talker tan tang tank tao tar tarzan tasman tatiana taylor technics teddy temp temporary ten
tennis terminator terrapin test tester testing tetris texas thailand thank thanks that the thief thing thirteen this thomas thor
thousand three throat thug thunder tian tianjin tiankong tiantian tiberius tide tiger tigers tim time tinker tinkerbell titan
titanium titleist tits toad tofu tom tommy tooth topaz toronto tory toshiba tottenham town toyota trade translator traveler
treasure trek triangle trinity triple trojans trombone trooper truck trucker true trumpet trust trustno truth tuna tupac turbo
turkey turtle twilight twitter two ultimate ultra umbrella uncle under undertaker update upgrade upload user username users
vacation vader valentin valentina valentine valhalla valley vampire van vanilla vegas verbatim veronica veronika vessel victoria
victory vietnam viewsonic viking vikings viktor viktoria ville violet viper virginia vkontakte vladimir vladislav vodka volvo
waimao wake walker walnut wanderer wang warcraft warrior warriors water waterloo way we webmaster wedding weed wei weiwei
welcome wen went west wet whale what whatever when where whiskers whiskey white who whore wife wifi wild will william wilson
wind window windows wine winner winston winter wireless wisdom witch wizard wo woai woaini woaiwo wode wolf wolfpack wolverine
wolves woman women wonderful wont wood wordpass work worker worm wrangler wrestling wrinkle wu wuhan xbox xia xiamen xian xiao
xiaohong xiaoming xie xiexie xingfu xingxing xiong xu xue yahoo yamaha yan yang yankees yao ye yeah year yellow ying yoda yong
yonghu york yosemite you young your youtube yu yuan yuanchandi yuanchandizheng yueliang yunwei zaijian zelda zeng zeppelin zero
zeus zhang zhao zhejiang zheng zhengshu zhongguo zhou zhu zombie zonghui zorro zou
密码 口令 登录 登陆 管理员 用户 测试 我爱你 你好 中国 北京 上海 天津 重庆 广州 深圳 杭州 南京
贸促会 分会 总会 原产地 原产地证 证书 签证 审核 复核 备案 打印 运维 审计
"""
_WORDS = tuple(_TEXT.split())
_ROWS = (
    "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp", "!qaz@wsx#edc$rfv%tgb", "zaqxswcdevfrbgtnhymju", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()", "a1b2c3d4e5f6g7h8", "a1s2d3f4g5h6j7k8l9", "1a2b3c4d5e6f",
    "12qwaszx", "12qw34er56ty", "qweasdzxc", "147258369", "zxcasdqwe",
)
_SUBSTITUTES = (
    str.maketrans({"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"}),
    str.maketrans({"@": "a", "4": "a", "3": "e", "1": "l", "!": "l", "0": "o", "$": "s", "5": "s", "7": "t"}),
)
_LEAST_WALK = 3
_DIGITS = re.compile(r"\w?\d{1,11}\w{0,2}")
_REPEATED = re.compile(r"(.{1,5}?)\1+.{0,2}", re.DOTALL)
_OLD_LIMIT = 8  # characters that old systems kept of a password: people still use what was left of theirs
_FEW = r"[\d\W_]{0,8}"


def is_common(password: str, own: Iterable[str] = ()) -> bool:
    """Whether this is one of the forms above; own: words of the branch and the user."""
    lower = password.lower()
    if _DIGITS.fullmatch(lower) or _REPEATED.fullmatch(lower):
        return True
    words = tuple(sorted(word.lower() for word in own if len(word) > 1))
    return any(_made_of(words).fullmatch(form) for form in (lower, *(_in_letters(lower, table) for table in _SUBSTITUTES)))


def forms() -> Iterator[str]:
    """Every word and every stretch of a keyboard that is known, for who wants to count or test them."""
    yield from dict.fromkeys(_WORDS)
    yield from _walks()


def _in_letters(lower: str, table: dict[int, str]) -> str:
    """Substitutes taken back inside the word; digits and signs at its ends may be just that."""
    body = re.fullmatch(r"([\d\W_]*)(.*?)([\d\W_]*)", lower, re.DOTALL)
    return f"{body[1]}{body[2].translate(table)}{body[3]}" if body else lower


@cache
def _made_of(words: tuple[str, ...]) -> re.Pattern[str]:
    known = sorted({*_WORDS, *(word[:_OLD_LIMIT] for word in _WORDS), *_walks(), *words}, key=len, reverse=True)
    piece = "|".join(map(re.escape, known))
    return re.compile(f"{_FEW}(?:{piece})(?:{_FEW}(?:{piece})){{0,2}}{_FEW}")


@cache
def _walks() -> tuple[str, ...]:
    """Stretches of three and more neighbours, in both directions."""
    both = [line for row in _ROWS for line in (row, row[::-1])]
    found = {row[begin : begin + size] for row in both for size in range(_LEAST_WALK, len(row) + 1)
             for begin in range(len(row) - size + 1)}
    return tuple(sorted(found))
