/**
 * Given names that are frequent in Brazil, Portugal and the English-speaking countries, with those that
 * came there from elsewhere; small letters, no accents. `Mercado Livre` and `Marcos Lima` look alike: only a name that
 * begins with one of these is surely a person. Names that are more often places, firms or common words are left out.
 */
const given = `
aaron abby abdul abel abigail abilio abraao abraham ada adaeze adalberto adalgisa adam adao adelaide adele adelia
adelina adelino ademar ademir aderito adilson adina aditi adolfo adrian adriana adriane adriano adrien adrienne afonso
agata agatha agathe agenor agnaldo agnes agnieszka agostinho ahmad ahmed aida aidan aiko aileen ailton aimee aisha
akira alain alan alana alanis alasdair alba albano albert alberta alberto albino alceu alcides alcina alda aldair
aldenor aldo alec alejandra alejandro aleksandra alessandra alessandro alex alexa alexander alexandra alexandre alexia
alexis alfie alfred alfreda alfredo ali alice alicia alina aline alipio alison alistair allan allana allison allyson
alma aloisio altair altamiro alvaro alycia alyssa alzira amadeu amalia amanda amandio amara amaro amauri amber ambrose
amelia amelie americo amilcar amina amir amit amos amy ana anabela anahi anais anaisa anastasia anatolio anders
anderson andre andrea andreas andreea andrei andreia andres andressa andrew andrezza andrzej andy anelise angela
angelica angelina angelo angus anibal anika anil anilton anisia anita anja anke ann anna annabel anne anneliese
annemarie annette annick annie annika anouk ansel anselmo anthony antje antoine anton antonella antonia antonio anya
aparecida aparecido april araci ariadne ariana ariane arianna ariel arjun arlete arlindo armanda armando armindo
arnaldo arnold arsenio artem arthur artur arturo arun ashley ashok ashton astrid atila aubrey audrey augusta augusto
aurelia aurelio austin ava avelino avery ayla ayrton barbara barnaby barney barry bartolomeu bashir basil beatrice
beatrix beatriz becky belarmino belinda bella belmira belmiro ben benedict benedita benedito benicio benjamin bento
benvinda benvindo berenice bernadete bernadette bernard bernarda bernardete bernardo bernice berta bertha beth bethany
betina beto bettina betty beverly bia bianca bill billy birgit bjarne bjorn blake bob bonnie boris brad bradley bram
brandon braulio brenda brendan breno brian bridget brigida brigitte brittany bronwen brooke bruce bruna bruno bryan
bryant bryce bryony byron caetana caetano caio caitlin caleb calvin cameron camila camilla camille camilo candace
candida candido carina carine carl carla carlo carlos carlota carly carmela carmelita carmem carmen carol carole
carolina caroline carolyn carrie cassandra cassia cassiano cassio catalina catarina catherine cathy catia caua cauan
caue cecil cecile cecilia cedric celeste celestino celia celina celine celio celma celso cesar cesario chad charles
charlie charlotte chelsea chen cheryl chiamaka chiara chico chinedu chloe chris christa christian christiane christina
christine christoph christopher cibele cicera cicero cilene cindy cinthia cintia cirilo ciro claire clara clarice
clarissa claud claude claudete claudia claudine claudio claus clayton cleber cleide cleiton clelia clemencia clemente
cleo cleonice cleusa cleuza clive clodoaldo clotilde clovis cody colin colleen colm conceicao connor conrad constanca
constance constantino consuelo cora coralia corey corina cornelia cornelius cosme courtney craig cris crispim cristian
cristiana cristiane cristiano cristina cristovao crystal curtis custodio cynthia cyntia cyril dafne dagmar daiana
daiane daisy dale dalila dalton dalva damaris damian damiao damien damon dan dana dani daniel daniela daniele daniella
danielle danika danilo danny dante daphne dario darius darlene darren daryl davi david davina dawn dayana dayane dean
deanna deb debbie debora deborah declan deepa deepak deirdre deise deivid dejair delano delfim delfina delia della
delphine dener denilson denis denise dennis deolinda derek derick dermot desiree devon dexter diana diane diego dieter
dilma dimas dimitri dina dinah dinis diogo dionisio dirce dirceu dirk djalma djanira dolores domingas domingos dominic
dominik dominique donald donatella donato donna dora doralice doreen dorinda doris dorival dorothea dorothy doug
dougie douglas dov drew duarte duda dulce dulcineia duncan durval dustin dwayne dylan eamon ebba eberhard ed eda
edelweiss eder edgar edgard edilene edilson edina edison edite edith edivaldo edmar edmara edmilson edmund edmundo
edna edson edu eduarda eduardo edvaldo edward edwin egidio eileen eilidh elaina elaine elba elcio elda eleanor elena
eleonora eli elia eliana eliane elias eliete eliezer elijah elio elis elisa elisabete elisabeth elisangela eliseu
elisio elizabete elizabeth elizangela ella ellen elliot elliott eloa eloi eloisa elsa elsie elton elvira elza ema
emanuel emanuela emanuelle emanuelly emerson emil emile emilia emiliana emiliano emilie emilio emily emma emmanuel
emmanuelle emrys eneias eneida enoque enrico enrique enzo erasmo eric erica erich erick erik erika erin ernest ernesto
ernie eron erwin esi esmeralda esteban estefania estela estelle ester estevao esther etelvina ethan euclides eudes
eudoxia eugene eugenia eugenio eulalia eunice euphemia eurico eurides eustaquio eva evaldo evan evandro evangelina
evangelos evaristo eve evelin evelina evelyn everaldo everton ewa ewan ezequias ezequiel fabi fabian fabiana fabiane
fabio fabiola fabricia fabricio farhan farouk fatima fatma fatou fausta faustino fausto felicia feliciano felicity
felipa felipe felix ferdinand fergus fernanda fernandinho fernando fernao fiammetta filipa filipe filomena fiona
flavia flaviana flaviano flavio fleur florbela florencio florian floriano florinda fran frances francesca francesco
franciele francielle francine francis francisca francisco franck frank franklin franz fred freda freddie frederica
frederick frederico frieda friedrich fritz frode gabi gabriel gabriela gabriele gabriella gabrielle gael gareth garry
gary gaspar gaston gavin gaynor geisa gemma genaro genesio genevieve geni genilda genival geoff geoffrey georg george
georgia georgina gerald geralda geraldine geraldo gerard gerardo gerhard gerson gertrude gertrudes gesine gessica
gessy getulio giacomo gian giancarlo gil gilberto gilda gildo giles gillian gilmar gilmara gilson gina giovana
giovanna giovanni gisela gisele giselle gislaine giulia giulio giuseppe gladys glaucia glauco gleice glen glenn gloria
glynis godfrey goncalo gonzalo gordon gottfried graca grace graciela graciete graham grant greg gregor gregorio
gregory greta gretchen guida guido guilherme guilhermina guillermo guiomar gunnar gunther gustav gustavo guto guy gwen
gwenael gwendolyn hadassa hal haley halina halldora hamilton hamish hamza hank hanna hannah hanne hans harald harold
haroldo harriet harry harvey hassan hayley hazel heather hector hedwig heidi heinz heitor helder helen helena helene
helga helia helio heloisa hendrik henning henri henrik henrique henriqueta henry heraclito herbert hercilia heriberto
hermann hermes herminia herminio hernani hilaria hilario hilda hilde hildegard hiroko hiroshi holly horacio horst
hortencia hortense howard hubert hugh hugo humberto hyacinth iago iain ian iara ibrahim icaro ida idalina ieda ignacio
igor ilda ilidio ilma ilse ilza imelda imogen inacia inacio inara ines ingeborg ingo ingrid ioana iolanda ione iracema
iraci iracy irene iria irina irineu iris isaac isabel isabela isabella isabelle isadora isaias isaura isidoro isis
isla ismael isobel isolda isolde israel italo itamar ivan ivana ivanete ivani ivanka ivete ivo ivone ivor ivy izabel
izabela izabella izaura jacek jaciara jacinta jacinto jacira jack jackie jackson jacob jacqueline jacques jacqui jada
jade jader jaime jair jairo jake jakob jakub jamal james jamie jamil jamila jan jana janaina jandira jane janet janete
janice janine janis jaqueline jared jasmin jasmina jasmine jason jasper javier jay jayden jayne jean jeanette jeanne
jeferson jeff jefferson jeffrey jenifer jenna jennie jennifer jenny jens jeremias jeremy jermaine jerome jeronimo
jerry jess jesse jessica jessie jesus jill jim jimmy jing jitka joab joan joana joanie joanna joanne joao joaquim
joaquina jocelia jocelyn jodie jody joe joel joelma joelson joerg joey johan johanna johannes john johnny joice jolene
jon jonah jonas jonatas jonathan joni jonna jordan jordana jorge jorgen jorgina jorunn jose joseane josef josefa
josefina joselito josenilda joseph josephine josh joshua josiah josiane josias josie josilene josue joy joyce juan
juana juarez juca judite judith judy julia julian juliana juliane juliano julie julien juliet julieta julio julius
juma juno juracy jurandir jurgen jurgis juscelino jussara justin justina justino juvenal kailane kaio kaique kaitlyn
kamal kamil kamila karen karim karin karina karine karl karla karol karolina katarzyna kate katelyn katharina
katherine kathleen kathrin kathryn kathy katia katie katja katrin katrina kauan kauane kaue kavita kay kayla keila
keith kelli kelly kelvin ken kendra kenji kenneth kerry kerstin kevin khadija kieran kim kimberly kirk kirsten kirsty
klara klaus kleber kofi konrad konstantin krishna kristen kristin kristina krzysztof kurt kwabena kwame kyle kylie
laercio laerte laila lais lakshmi lana lara lari larissa larry lars lasse laszlo laura lauren laurence laurentino
laurinda lauro lavinia lazaro lea leah leandra leandro leda leia leila leilani lena lenice lenilda leo leocadia leon
leona leonard leonardo leonel leonidas leonie leonor leopoldo leslie lester leticia levi lewis lia liam liane lidia
lidiane ligia lila lilia lilian liliana liliane lily lina lincoln linda lindalva lindinalva lindsay lindsey linnea
lino lionel lisa lisandra lisbeth lisete liv livia liz lloyd logan loide lois lola loreen lorena lorenzo loretta lorna
lorraine lothar lottie lou louis louisa louise lourdes lourenco lourival luan luana luara luca lucas lucca lucia
luciana luciane luciano lucie lucien luciene lucilia lucille lucimar lucinda lucio lucrecia lucy ludmila ludovico
ludwig luella luigi luis luisa luise luiz luiza luizinho lukas luke luna lurdes luther luzia lydia lynda lynn maaike
maarten mabel maciej madalena maddie madeleine madison maeve mafalda magali magda magdalena maggie magnus mahmoud maia
maicon maira mairead maisa maisie maite malcolm malgorzata malte malu malvina mandy manfred manoel manuel manuela mara
marc marcel marcela marcele marcelina marcelino marcella marcello marcelo marcia marciana marcio marco marcolino
marcos marcus marek margaret margarete margareth margarida margarita margery margot marguerite mari maria mariah
mariam marian mariana mariane marianne mariano maribel maricel marie mariella marietta marija marilda marileia
marilene marilia marilu marilyn marilza marina marinalva marineide marinete mario marion marisa marise marisol
maristela marit mark marlene marlon marta martha martim martin martina martinho martino marty marvin mary maryam
massimo mateus mateusz matheus mathew mathias mathieu mathilde matias matilda matilde matt matteo matthew matthias
maureen maurice mauricio mauro mavis max maxim maxime maximilian maximiliano maximo maxwell maya mayara mayra megan
mehmet mei melania melanie melina melinda melissa melody melvin mercedes meredith merle mervyn mia micael micaela
michael michaela michel michele michelle michelli mickael miguel mihai mikael mike mikhail mikkel mila milagros milena
milene miles milton mina minerva ming minh minnie miranda mirela mirella miriam mirian mirna mirtes misael mitch
moacir moacyr mohamed mohammad mohammed moira moises mollie molly monica monika monique morag morgan moritz morris
muhammad muriel murilo mustafa myles myra myriam myrna nabil nadege nadia nadine nadir nadja naiara nair najla nancy
nanda nandi nando naomi napoleao nara narcisa narciso natacha natalia natalie natalino natan natanael natasha natercia
nathalia nathalie nathan nathaniel nayara neal ned neha neide neil neila neiva nelia nelida nell nelly nelma nelson
nereu neri nestor neusa neuza nevil neville newton ney ngozi nicholas nick nicky nicola nicolas nicolau nicole
nicoletta nidia niels nigel nikhil nikita nikki niklas nikolai nikolas nilceia nilda nilo nils nilson nilton nilza
nilzete nina nino nivaldo noah noel noelia noelle noemi noemia noor nora norberto noreen norma norman norton nuala
nubia nuno nuria octavia octavio odair odalys odete odette odila odile odilon ofelia oksana olavo oleg olena olga
olinda olive oliver olivia olivier oluwaseun olwen omar omari omer omid omolara onofre orestes oriana orlanda orlando
oscar oskar osmar osni osvaldo oswald oswaldo otacilio otavia otavio otilia otoniel otto ottoline owen pablo paloma
pam pamela pascal pascale pascoal patricia patricio patrick patrik paul paula paulette paulina pauline paulino paulo
pavel pearl pedro peggy penelope penny percival perla perpetua pete peter petra petronio phil philip philippa philippe
phillip phoebe phyllis pia pierre pietra pietro piotr placido plinio poliana polly pollyanna pooja poppy priscila
priscilla priya quentin quincy quirino quiteria rachel radoslav rafa rafael rafaela rafaella raffaele rahul rai
raimunda raimundo rainer raissa raj rajesh ralf ralph ramesh ramiro ramon ramona randall randy rangel raphael raphaela
raquel rashid raul ravi ravindra ray rayan rayane raymond rayssa rebeca rebecca reece regiane regina reginald
reginaldo regis reinaldo rejane renan renata renate renato rene renee renilda renildo reuben rhoda rhys ricarda
ricardo riccardo richard rick ricky rita roald rob robert roberta roberto robin robinson robson rochelle rocio
roderick rodney rodolfo rodrigo roger rogerio roland rolando rolf romana romano romario romeu romildo romulo ron
ronald ronaldo ronan ronildo ronnie roque rory rosa rosalia rosalina rosalind rosalinda rosalva rosamund rosana rosane
rosangela rosaria rosario rose rosely rosemary rosemeire rosemeri rosie rosilda rosilene rosimar rosimeire rosimere
rosineide rosinha roswitha rowan rowena roxanne roy ruan ruben rubens rubia ruby rudi rudolf rudolfo rufino rufus rui
rukmini rupert russell ruth ruy ryan sabina sabine sabrina sacha sadie salete sally salma salomao salome salvador
salvatore sam samanta samantha samara samir samuel sandra sandro sandy sanjana sanjay santiago sara sarah sarita
sascha saul saulo savio scott seamus sean sebastian sebastiana sebastiao selena selene selina selma selmo serafim
serafina serena serge sergei sergio seth severina severino shane shannon sharon shaun shauna sheila shelley sherry
sheryl shirley shreya sibele sid sidney sidonia siegfried sigrid silas silvana silvania silverio silvester silvestre
silvia silvino silvio simao simon simona simone sinead siobhan sirlei sirlene skye sofia sofie sofiya solange soledad
solene solimar solveig sonia sonja sophia sophie soraia soraya soren spencer stan stanislaw stanley stefan stefania
stefanie stella stephan stephane stephanie stephen steve steven stewart stuart sueli suellen suely suki sunil sunita
sunniva susan susana susanna susanne susie suzana suzane suzanne suzi suzy sven svetlana sybil sydney sylvia sylvie
tabata tabatha tabitha tadeu tadeusz taina tainara tais takeshi takumi talia talita tamara tamires tamsin tania
tanisha tanya tara tarcisio tariq tarsila tasha tati tatiana tatiane tatjana taylor ted teddy telma telmo tendai
teodora teodoro teodosio terence teresa teresinha tereza terezinha terry tess tessa thaddeus thainara thais thaisa
thales thalia thalita thays thea thelma theo theodor theodora theodore theresa therese thiago thibault thierry thomas
thor tiago tim timothy tina tobias toby todd tom tomas tomasz tommy toni tony torsten toshio tracey tracy travis trent
trevor tricia trina tristan tristao troy trudy tuan tulio tyler tyrone uberto udo ueslei ugo ulisses ulla ulrich
ulrike umberto ursula valdeci valdelice valdemar valdemir valdenice valdete valdir valdirene valentim valentin
valentina valentino valeria valerie valerio valmir valmor valquiria valter vanda vanderlei vanderleia vanessa vania
vasco vaughan veit vera vernon veronica veronika vicencia vicente vicki vicky victor victoria vijay vikram viktor
vilma vince vincent vincenzo vini vinicius violet violeta virgil virgilio virginia virginie vitor vitoria vitorino
vivian viviana viviane vivien vladimir wade wagner walace waldemar waldir waldomiro walkiria wallace wally walmir
walter waltraud wanda wanderley wanderson wanessa wanjiru warren washington wayne welington wellington wenceslau
wendell wendy werner wesley weslley whitney wilbur wilfred wilfried wilhelm will william willian willie wilma wilmar
wilson wilton winifred winston wolfgang xavier ximena yago yannick yara yasmim yasmin yolanda yonas yoshiko yuki yumi
yuri yusra yusuf yvette yvonne zacarias zachary zainab zane zara ze zeca zeferino zelda zelia zelma zenaide zenilda
zita zoe zofia zoltan zoraide zsuzsanna zuleica zuleide zulmira zulmiro
`

/** The most frequent surnames: with one of these, words in small letters are a name. Small letters, no accents. */
const family = `
abreu adams aguiar albuquerque alencar allen almeida alves amaral amorim anderson andrade anjos antunes aragao araujo
arruda assis assuncao azevedo baker barbosa barreto barros barroso bastos batista bell bennett bezerra borges braga
brandao brito brown cabral caldas camargo campbell campos cardoso carneiro carter carvalho castro cavalcante
cavalcanti chagas clark coelho collins conceicao cook cooper cordeiro correa correia costa coutinho couto cruz cunha
damasceno dantas davies davis dias duarte edwards esteves evans falcao faria farias fernandes ferraz ferreira
figueiredo fisher fonseca fontes foster franca franco freire freitas furtado galvao garcia gomes goncalves gonzalez
gouveia green guedes guerra guimaraes gusmao hall harris hernandez hill hughes jackson jenkins jesus johnson jones
kelly kim king lacerda leal leao lee leite lemos lewis lima lins lobo lopes lopez loureiro macdonald macedo machado
maciel magalhaes maia marinho marques martin martinez martins matias matos medeiros meireles mello melo mendes
mendonca menezes mesquita miller miranda mitchell monteiro moore moraes morais moreira morgan morris mota moura murphy
murray nascimento nelson neves nguyen nogueira novaes nunes oliveira pacheco paiva parker patel peixoto penteado
pereira perez phillips pimentel pinheiro pinto pires powell prado prates price queiros queiroz quintela ramalho ramos
reed rego reid reis resende reynolds rezende ribeiro richardson roberts robinson rocha rodrigues rodriguez rogers rosa
ross russell ryan sa sales salgado sampaio sanchez sanders santana santos saraiva scott seixas serra silva silveira
simoes simpson singh siqueira smith soares sousa souza stewart sullivan tavares taylor teixeira teles telles thomas
thompson toledo torres trindade turner valente vargas vasconcelos vaz veiga ventura viana vieira vilela walker ward
watson white williams wilson wood wright xavier young
`

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/u))

export const givenNames = words(given)
export const familyNames = words(family)
